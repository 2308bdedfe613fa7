/** The value of a server's metric, by its whole name. */
export async function metricOf(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split("\n").find((line) => line.startsWith(`${name} `));
  return Number(line?.split(" ")[1] ?? NaN);
}

/** Resident memory of a server, in MB. */
export async function residentMegabytes(url: string): Promise<number> {
  return await metricOf(url, "process_resident_memory_bytes") / 1e6;
}

/** Opens a TCP connection to a server. */
export async function connectTo(url: string): Promise<Deno.TcpConn> {
  const { hostname, port } = new URL(url);
  return await Deno.connect({ hostname, port: Number(port) });
}

/** Writes a text, or as much of it as the server accepts before it closes the connection. */
export async function write(socket: Deno.TcpConn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += await socket.write(bytes.subarray(at));
  } catch {
    // The server rejected the request before its end.
  }
}

/** Reads the status of the next response. */
export async function readStatus(socket: Deno.TcpConn): Promise<number> {
  const buffer = new Uint8Array(65_536);
  const size = await socket.read(buffer) ?? 0;
  return Number(new TextDecoder().decode(buffer.subarray(0, size)).split(" ")[1]);
}
