/** Whether a host, as in a URL or in `HOST`, is this machine itself: `localhost`, `*.localhost`, 127.0.0.0/8 or `[::1]`. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
  return name === "localhost" || name.endsWith(".localhost") || name === "::1" ||
    /^(?:127(?:\.\d{1,3}){3}|::ffff:7f[\da-f]{2}:[\da-f]{1,4})$/.test(name);
}

/** The address at which this machine reaches a server that listens on `host`: 0.0.0.0 and :: are all of its addresses. */
export function reachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}
