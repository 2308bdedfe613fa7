/** The first bits of an address, after `4:` or `6:` for its version: 24 bits for `203.0.113.0/24`. */
export type Network = string;

const PREFIX = 2;

/**
 * Reads an IPv4 address, or an IPv6 network as limits by address have it: four groups and `::/64`, such as
 * `2001:db8:0:1::/64`.
 */
export function networkOf(address: string): Network {
  if (!address.includes(":")) return `4:${bitsOf(address.split("."), 10, 8)}`;
  return `6:${bitsOf(address.split("::")[0]?.split(":") ?? [], 16, 16)}`;
}

/** Formats a network: `203.0.113.7`, `203.0.113.0/24` or `2001:db8:0:1::/64`. */
export function formatNetwork(network: Network): string {
  const bits = network.slice(PREFIX);
  if (network.startsWith("4")) {
    const address = numbersIn(bits.padEnd(32, "0"), 8).join(".");
    return bits.length === 32 ? address : `${address}/${bits.length}`;
  }
  const groups = numbersIn(bits.padEnd(64, "0"), 16).map((group) => group.toString(16));
  return `${groups.join(":")}::/${bits.length}`;
}

/** A network that has more addresses: all those with the same first `length` bits. */
export function widen(network: Network, length: number): Network {
  return network.slice(0, PREFIX + length);
}

function bitsOf(parts: readonly string[], radix: number, size: number): string {
  return parts.map((part) => Number.parseInt(part, radix).toString(2).padStart(size, "0")).join("");
}

function numbersIn(bits: string, size: number): number[] {
  return Array.from(
    { length: bits.length / size },
    (_, n) => Number.parseInt(bits.slice(n * size, (n + 1) * size), 2),
  );
}
