import type { Runtime } from "../../base/runtime.ts";
import { isLoopback } from "../../base/loopback.ts";
import { ignoreUnavailable, Refused } from "../model/refused.ts";
import type { KeyValue } from "../model/store.ts";
import { PushPeople } from "./push_people.ts";
import type { Sessions } from "./sessions.ts";

/** What a browser gives a page that subscribes to pushes (RFC 8030, RFC 8291). */
export interface PushSubscriptionData {
  /** The address at the browser's push service. Whoever knows it and a key of this server can push. */
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/** A device of a session that gets pushes. */
export interface PushDevice extends PushSubscriptionData {
  /** The public key of the server with which it has subscribed. */
  readonly serverKey: string;
  /** Whether pushes contain names and texts. */
  readonly contents: boolean;
  /** When it was added: Unix time in ms. */
  readonly at: number;
}

/** What {@linkcode PushDevices} is constructed from. */
export interface PushDevicesDeps {
  readonly sessions: Pick<Sessions, "removed">;
  readonly store: { readonly keyValue: KeyValue };
  readonly runtime: Runtime;
}

/** Maximum number of devices of a session; beyond it, the oldest one is forgotten. */
export const DEVICES_PER_SESSION = 10;

const ENDPOINT_LENGTH = 1_024;

/** The push services of browsers: Chrome, Edge, Opera and Samsung; Firefox; Safari. */
const SERVICES = [
  "fcm.googleapis.com",
  "updates.push.services.mozilla.com",
  "web.push.apple.com",
];

/** Edge for Windows has a host for each region. */
const WINDOWS = /^[a-z0-9-]+\.notify\.windows\.com$/;

/** The devices of sessions that get pushes. They end with their session. */
export class PushDevices implements Disposable {
  /** Who has devices. */
  readonly people: PushPeople;
  readonly #deps: PushDevicesDeps;
  readonly #subscription: Disposable;

  constructor(deps: PushDevicesDeps) {
    this.#deps = deps;
    this.people = new PushPeople(deps.store.keyValue);
    this.#subscription = deps.sessions.removed.add((publicToken) => {
      this.removeAll(publicToken).catch(ignoreUnavailable).catch(reportError);
    });
  }

  list(publicToken: string): Promise<readonly PushDevice[]> {
    return storedDevices(this.#deps.store.keyValue, publicToken);
  }

  /** Adds a device, in place of one with the same endpoint. Rejects one that cannot be pushed to. */
  async add(
    publicToken: string,
    device: Omit<PushDevice, "at">,
    hosts: readonly string[],
  ): Promise<void> {
    if (!isPushEndpoint(device.endpoint, hosts)) {
      throw new Refused(
        "invalid_request",
        '"endpoint" must be an https address of a push service that this server knows',
      );
    }
    if (!hasKeys(device)) {
      throw new Refused("invalid_request", '"keys" must have p256dh and auth, as the browser has');
    }
    const added = { ...device, at: this.#deps.runtime.wallNow() };
    await this.#change(
      publicToken,
      (devices) =>
        [...devices.filter(({ endpoint }) => endpoint !== device.endpoint), added]
          .slice(-DEVICES_PER_SESSION),
    );
    await this.people.add(publicToken);
  }

  async remove(publicToken: string, endpoint: string): Promise<void> {
    await this.#change(
      publicToken,
      (devices) => devices.filter((device) => device.endpoint !== endpoint),
    );
    if ((await this.list(publicToken)).length === 0) await this.people.remove(publicToken);
  }

  removeAll(publicToken: string): Promise<void> {
    return removeDevices(this.#deps.store.keyValue, publicToken);
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  /** Repeated until no other node has changed them meanwhile. */
  async #change(
    publicToken: string,
    change: (devices: readonly PushDevice[]) => readonly PushDevice[],
  ): Promise<void> {
    const { keyValue } = this.#deps.store;
    const name = pushName(publicToken);
    while (true) {
      const before = await keyValue.get(name);
      const changed = change(parseDevices(before));
      if (before === undefined && changed.length === 0) return;
      if (await keyValue.replace(name, before, JSON.stringify(changed))) return;
    }
  }
}

/** The devices of a session, the oldest first. */
export async function storedDevices(
  keyValue: KeyValue,
  publicToken: string,
): Promise<readonly PushDevice[]> {
  return parseDevices(await keyValue.get(pushName(publicToken)));
}

function parseDevices(stored: string | undefined): readonly PushDevice[] {
  return stored === undefined ? [] : JSON.parse(stored);
}

/** Removes the devices of a session, and the session from those that have devices. */
export async function removeDevices(keyValue: KeyValue, publicToken: string): Promise<void> {
  const name = pushName(publicToken);
  if (await keyValue.get(name) === undefined) return;
  await keyValue.remove(name);
  await new PushPeople(keyValue).remove(publicToken);
}

/** Under which name the devices of a session are stored. */
function pushName(publicToken: string): string {
  return `push.${publicToken}`;
}

/**
 * Whether an address may be pushed to: that of a known service, or of one in `hosts` (with a port, if it has one). A service on
 * this machine, which only `hosts` can name, may have no certificate.
 */
export function isPushEndpoint(endpoint: string, hosts: readonly string[]): boolean {
  const url = URL.parse(endpoint);
  if (!url || url.href !== endpoint || endpoint.length > ENDPOINT_LENGTH) return false;
  // Requests have no fragment: with others, the same address would be other devices.
  if (url.username || url.password || url.hash) return false;
  const { protocol, host, hostname } = url;
  if (hosts.includes(host)) {
    return protocol === "https:" || protocol === "http:" && isLoopback(hostname);
  }
  return protocol === "https:" && (SERVICES.includes(host) || WINDOWS.test(host));
}

/** The push service that has an endpoint: its host, or one name for all hosts of Edge for Windows. */
export function pushServiceOf(endpoint: string): string {
  const { host } = new URL(endpoint);
  return WINDOWS.test(host) ? "notify.windows.com" : host;
}

/** A point of the curve P-256, uncompressed, and 16 bytes, both in base64url. */
function hasKeys({ keys: { p256dh, auth } }: PushSubscriptionData): boolean {
  return /^B[A-Za-z0-9_-]{86}$/.test(p256dh) && /^[A-Za-z0-9_-]{22}$/.test(auth);
}
