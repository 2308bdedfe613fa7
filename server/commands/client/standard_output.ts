const utf8 = new TextEncoder();

/** How long to wait (ms) for a reader of a pipe that does not block. */
const PAUSE = 10;

/**
 * Writes a line to the standard output; returns when it is written. Whoever reads slowly is waited for. Throws
 * `Deno.errors.BrokenPipe` when nobody reads any more.
 */
export function writeLine(line: string): void {
  let rest = utf8.encode(line + "\n");
  while (rest.length > 0) rest = rest.subarray(writeSome(rest));
}

function writeSome(bytes: Uint8Array): number {
  try {
    return Deno.stdout.writeSync(bytes);
  } catch (error) {
    if (!(error instanceof Deno.errors.WouldBlock)) throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    return 0;
  }
}
