/** What Deno requests directly, as `isLoopback` has it: in Deno's own words, which know networks and suffixes of names. */
const LOOPBACK = [
  "localhost",
  "localhost.",
  ".localhost",
  "127.0.0.0/8",
  "::1",
  "::ffff:127.0.0.0/104",
  "0.0.0.0",
  "::",
].join();

const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

/**
 * Keeps every request of this process to this machine away from the proxy in `HTTP_PROXY`, `HTTPS_PROXY` or `ALL_PROXY`,
 * which would get events, API keys, and the request for the keys that tokens are verified with. To be called before the
 * first request: Deno reads these variables then. An option of each `fetch` cannot do it, since Deno adds these proxies to
 * every client.
 */
export function bypassProxyOnLoopback(): void {
  if (PROXIES.every((name) => valueOf(name) === undefined)) return;
  const others = valueOf("NO_PROXY");
  Deno.env.set("NO_PROXY", others === undefined ? LOOPBACK : `${others},${LOOPBACK}`);
}

function valueOf(name: string): string | undefined {
  return Deno.env.get(name) || Deno.env.get(name.toLowerCase()) || undefined;
}
