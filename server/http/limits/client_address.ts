import { BlockList, isIP, isIPv4 } from "node:net";

/** Whose `X-Forwarded-For` is believed: the last so many proxies, or those with these addresses. */
export type TrustedProxies =
  | { readonly hops: number }
  | { readonly addresses: BlockList };

/** A request, with what the platform knows of its connection. */
export interface Arrival {
  readonly env?: unknown;
  readonly req: { readonly raw: { readonly headers: Headers } };
}

/** Reads `none`, a number of proxies, or addresses and networks (`10.0.0.0/8`) separated by commas. */
export function parseTrustedProxies(word: string): TrustedProxies | undefined {
  if (word === "none") return { hops: 0 };
  if (/^[0-9]$/.test(word)) return { hops: Number(word) };
  const addresses = new BlockList();
  const isEach = word.split(",").every((network) => addNetwork(addresses, network.trim()));
  return isEach ? { addresses } : undefined;
}

/** Says where requests come from, as far as that can be believed. */
export class ClientAddresses {
  readonly #trusted: TrustedProxies;
  readonly #onUntrusted: () => void;

  /** `onUntrusted` is told of an `X-Forwarded-For` that is not believed. */
  constructor(trusted: TrustedProxies, onUntrusted: () => void = () => {}) {
    this.#trusted = trusted;
    this.#onUntrusted = onUntrusted;
  }

  /**
   * The network that a request comes from: an IPv4 address, or the first half of an IPv6 address, since one customer
   * has all of the other half. `undefined` for this machine itself, and where it is not known.
   */
  of({ env, req }: Arrival): string | undefined {
    const peer = peerOf(env);
    if (peer === undefined) return undefined;
    const forwarded = req.raw.headers.get("x-forwarded-for");
    if (forwarded === null) return networkOf(peer);
    const client = clientOf(peer, forwarded, this.#trusted);
    if (client === undefined) this.#onUntrusted();
    return networkOf(client ?? peer);
  }
}

/** The other end of a connection, by TCP. */
function peerOf(env: unknown): string | undefined {
  if (typeof env !== "object" || env === null || !("remoteAddr" in env)) return undefined;
  const { remoteAddr } = env;
  if (typeof remoteAddr !== "object" || remoteAddr === null) return undefined;
  if (!("hostname" in remoteAddr) || typeof remoteAddr.hostname !== "string") return undefined;
  return plain(remoteAddr.hostname);
}

/** Who stands behind trusted proxies; `undefined` where the nearest one is not trusted. */
function clientOf(peer: string, forwarded: string, trusted: TrustedProxies): string | undefined {
  const chain = [...forwarded.split(",").slice(-MOST_HOPS).map(hopOf), peer].reverse();
  const isTrusted = (address: string, n: number) =>
    "hops" in trusted ? n < trusted.hops : isIn(trusted.addresses, address);
  if (!isTrusted(peer, 0)) return undefined;
  let client = peer;
  for (const [n, address] of chain.entries()) {
    // What is no address was not written by a proxy: the last one that is believed has sent this itself.
    if (address === undefined) break;
    client = address;
    if (!isTrusted(address, n)) break;
  }
  return client;
}

/** So many entries of the header are looked at, from the end. */
const MOST_HOPS = 20;

/** An entry of the header, with or without a port. */
function hopOf(entry: string): string | undefined {
  const word = entry.trim();
  const [, inBrackets, withPort] = /^\[([^\]]+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(word) ?? [];
  const address = plain(inBrackets ?? withPort ?? word);
  return isIP(address) === 0 ? undefined : address;
}

/** Without a zone, and IPv4 as such. */
function plain(address: string): string {
  if (!address.includes(":")) return address;
  const [word = ""] = address.split("%");
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(word) ?? [];
  return mapped !== undefined && isIPv4(mapped) ? mapped : word.toLowerCase();
}

function networkOf(address: string): string | undefined {
  if (!address.includes(":")) return address.startsWith("127.") ? undefined : address;
  if (address === "::1") return undefined;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length);
  const whole = [...groups, ...Array(zeros).fill("0"), ...rest];
  return `${whole.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}

function isIn(addresses: BlockList, address: string): boolean {
  return addresses.check(address, isIPv4(address) ? "ipv4" : "ipv6");
}

function addNetwork(addresses: BlockList, network: string): boolean {
  const [word = "", bits, ...more] = network.split("/");
  const version = isIP(word);
  const most = version === 4 ? 32 : 128;
  if (version === 0 || more.length > 0 || !/^[0-9]{1,3}$/.test(bits ?? "0")) return false;
  if (Number(bits ?? most) > most) return false;
  addresses.addSubnet(word, Number(bits ?? most), version === 4 ? "ipv4" : "ipv6");
  return true;
}
