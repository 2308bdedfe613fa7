import { isLoopback } from "../base/loopback.ts";
import { Refused } from "../core/model/refused.ts";
import type { TrustedProxies } from "./limits/client_address.ts";
import type { RequestHandler } from "./listener.ts";
import { refusalResponse } from "./problem.ts";

export interface HostSettings {
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly limits: { readonly trustedProxies: TrustedProxies };
}

/** Reads names of hosts separated by commas, or `none`. Returns `undefined` if one is invalid. */
export function parseHosts(list: string): readonly string[] | undefined {
  if (list === "none") return [];
  const names = list.toLowerCase().split(",").map((word) => word.trim()).filter((word) => word);
  return names.every((name) => name === "*" || URL.parse(`http://${name}`)?.hostname === name)
    ? names
    : undefined;
}

/** A host without a port, or with one. Deno puts the header into the URL as it is, so it must not contain a path. */
const HOST = /^(\[[\da-f:.]+\]|[^/?#@\\\s:[\]]*)(?::\d*)?$/i;

/**
 * Refuses requests with an invalid `Host` (400) and, if the server has certain names, those for another name (421): a
 * page of another site could otherwise reach a server on this machine by a name that it resolves to 127.0.0.1 (DNS
 * rebinding).
 */
export function guardHost(
  handler: RequestHandler,
  settings: HostSettings,
  onRefusal: (refused: Refused) => void,
): RequestHandler {
  const isAllowed = hostRule(settings);
  // Almost all requests have the same host and the same beginning of their URL.
  let allowed = { host: "", start: "/" };
  return (request, connection) => {
    const host = request.headers.get("host") ?? "";
    if (host !== allowed.host || !request.url.startsWith(allowed.start)) {
      // An absolute request target takes precedence over `Host`, and HTTP/2 has no `Host`.
      const [start = "", authority = ""] = /^https?:\/\/([^/]*)/.exec(request.url) ?? [];
      const refused = checkHost(host, isAllowed) ?? checkHost(authority, isAllowed);
      if (refused !== undefined) {
        onRefusal(refused);
        return refusalResponse(refused);
      }
      allowed = { host, start: `${start}/` };
    }
    return handler(request, connection);
  };
}

function checkHost(host: string, isAllowed: (name: string) => boolean): Refused | undefined {
  const [, name] = HOST.exec(host) ?? [];
  if (name === undefined) return new Refused("bad_host", "The header Host is not a valid host");
  return name === "" || isAllowed(name) ? undefined : foreignHost(name);
}

/** Which names the server has. Without `ALLOWED_HOSTS`, only a server for its own machine has certain names. */
function hostRule({ host, allowedHosts, limits }: HostSettings): (name: string) => boolean {
  const { trustedProxies } = limits;
  const isProxied = !("hops" in trustedProxies) || trustedProxies.hops > 0;
  const isOpen = allowedHosts.length === 0 ? isProxied || !isLoopback(host) : false;
  if (isOpen || allowedHosts.includes("*")) return () => true;
  return (name) => isLoopback(name) || allowedHosts.includes(name.toLowerCase().replace(/\.$/, ""));
}

function foreignHost(name: string): Refused {
  const shown = /^[\w.:[\]-]{1,100}$/.test(name) ? `"${name}"` : "this name";
  const detail = `This server is not known as ${shown}. If requests come through a proxy, set ` +
    "TRUST_PROXY; for other names of this server, set ALLOWED_HOSTS";
  return new Refused("unknown_host", detail);
}
