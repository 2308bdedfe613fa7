import { BlockList, isIP, isIPv4 } from "node:net";
import { type Network, networkOf as bitsOf, widen } from "../../core/sessions/networks.ts";

/** The proxies whose `X-Forwarded-For` is trusted: a number of them in front of the server, or their addresses. */
export type TrustedProxies =
  | { readonly hops: number }
  | { readonly addresses: BlockList };

/** A request with the environment that Hono gets from Deno, such as the remote address. */
export interface IncomingRequest {
  readonly env?: unknown;
  readonly req: { readonly raw: { readonly headers: Headers } };
}

/**
 * Reads `none`, a number of proxies, or addresses and networks (`10.0.0.0/8`) separated by commas. Returns `undefined` if
 * it is none of these.
 */
export function parseTrustedProxies(word: string): TrustedProxies | undefined {
  if (word === "none") return { hops: 0 };
  if (/^[0-9]$/.test(word)) return { hops: Number(word) };
  const addresses = new BlockList();
  const areValid = word.split(",").every((network) => addNetwork(addresses, network.trim()));
  return areValid ? { addresses } : undefined;
}

/** Finds the address of the client of a request, behind trusted proxies. */
export class ClientAddresses {
  readonly #trusted: TrustedProxies;
  readonly #onUntrusted: () => void;

  /** `onUntrusted` is called for every `X-Forwarded-For` that is ignored. */
  constructor(trusted: TrustedProxies, onUntrusted: () => void = () => {}) {
    this.#trusted = trusted;
    this.#onUntrusted = onUntrusted;
  }

  /**
   * The network of the client: an IPv4 address, or the first 64 bits of an IPv6 address, since one customer has all
   * addresses below them. Returns `undefined` for this machine, and if the address is unknown.
   */
  of({ env, req }: IncomingRequest): string | undefined {
    const peer = peerOf(env);
    if (peer === undefined) return undefined;
    const forwarded = req.raw.headers.get("x-forwarded-for");
    if (forwarded === null) return networkOf(peer);
    const client = clientOf(peer, forwarded, this.#trusted);
    if (client === undefined) this.#onUntrusted();
    return networkOf(client ?? peer);
  }
}

/** The remote address of the TCP connection. */
function peerOf(env: unknown): string | undefined {
  if (typeof env !== "object" || env === null || !("remoteAddr" in env)) return undefined;
  const { remoteAddr } = env;
  if (typeof remoteAddr !== "object" || remoteAddr === null) return undefined;
  if (!("hostname" in remoteAddr) || typeof remoteAddr.hostname !== "string") return undefined;
  return normalize(remoteAddr.hostname);
}

/** The address behind the trusted proxies. Returns `undefined` if the peer itself is not trusted. */
function clientOf(peer: string, forwarded: string, trusted: TrustedProxies): string | undefined {
  const chain = [...forwarded.split(",").slice(-MAX_HOPS).map(parseHop), peer].reverse();
  const isTrusted = (address: string, n: number) =>
    "hops" in trusted ? n < trusted.hops : isIn(trusted.addresses, address);
  if (!isTrusted(peer, 0)) return undefined;
  let client = peer;
  for (const [n, address] of chain.entries()) {
    // No proxy writes an invalid address: the last trusted address has sent this header itself.
    if (address === undefined) break;
    client = address;
    if (!isTrusted(address, n)) break;
  }
  return client;
}

/** Only this many entries at the end of the header are read. */
const MAX_HOPS = 20;

/** Reads an entry of the header: an address with or without a port. */
function parseHop(entry: string): string | undefined {
  const word = entry.trim();
  const [, inBrackets, withPort] = /^\[([^\]]+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(word) ?? [];
  const address = normalize(inBrackets ?? withPort ?? word);
  return isIP(address) === 0 ? undefined : address;
}

/** Removes the zone of an IPv6 address, and writes an IPv4-mapped address as IPv4. */
function normalize(address: string): string {
  if (!address.includes(":")) return address;
  const [word = ""] = address.split("%");
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(word) ?? [];
  return mapped !== undefined && isIPv4(mapped) ? mapped : word.toLowerCase();
}

/** The IPv6 network of 48 bits that a network of 64 bits belongs to, which one customer may have; undefined for IPv4. */
export function siteOf(network: string): string | undefined {
  if (!network.includes(":")) return undefined;
  return `${network.split(":").slice(0, 3).join(":")}::/48`;
}

function networkOf(address: string): string | undefined {
  if (!address.includes(":")) return address.startsWith("127.") ? undefined : address;
  if (address === "::1") return undefined;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length);
  const all = [...groups, ...Array(zeros).fill("0"), ...rest];
  return `${all.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}

/** The shortest prefixes of networks that can be banned. */
const MIN_PREFIX = { 4: 8, 6: 16 } as const;

/**
 * Reads an address or a network, such as `203.0.113.7`, `203.0.113.0/24` or `2001:db8::/32`. Of an IPv6 address, it is the
 * network of 64 bits. Returns `undefined` if it is none, is this machine, or has too many addresses.
 */
export function parseNetwork(text: string): Network | undefined {
  const [word = "", prefix, ...more] = text.trim().split("/");
  const address = normalize(word);
  const version = isIP(address);
  const network = version === 0 ? undefined : networkOf(address);
  if (network === undefined || more.length > 0) return undefined;
  const max = version === 4 ? 32 : 64;
  if (prefix !== undefined && !/^[0-9]{1,3}$/.test(prefix)) return undefined;
  const length = prefix === undefined ? max : Number(prefix);
  const isPossible = length >= MIN_PREFIX[version === 4 ? 4 : 6] && length <= 2 * max;
  return isPossible ? widen(bitsOf(network), Math.min(length, max)) : undefined;
}

function isIn(addresses: BlockList, address: string): boolean {
  return addresses.check(address, isIPv4(address) ? "ipv4" : "ipv6");
}

function addNetwork(addresses: BlockList, network: string): boolean {
  const [word = "", prefix, ...more] = network.split("/");
  const version = isIP(word);
  const maxPrefix = version === 4 ? 32 : 128;
  if (version === 0 || more.length > 0 || !/^[0-9]{1,3}$/.test(prefix ?? "0")) return false;
  if (Number(prefix ?? maxPrefix) > maxPrefix) return false;
  addresses.addSubnet(word, Number(prefix ?? maxPrefix), version === 4 ? "ipv4" : "ipv6");
  return true;
}
