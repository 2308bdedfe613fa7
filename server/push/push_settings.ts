import type { SettingReader } from "../base/setting_reader.ts";
import { isPushKey } from "./push_key.ts";

/** The settings of pushes to browsers. */
export interface PushSettings {
  /** Other push services than those of the known browsers: their hosts, with a port if they have one. */
  readonly hosts: readonly string[];
  /** How the people who run a push service can reach those who run this server: a mail address or a page. */
  readonly contact: string;
  /** The key for push services; without it, the server makes one and stores it. */
  readonly key: string | undefined;
  /** Which notices are pushed: those to one session, or also those to everyone. */
  readonly notices: "personal" | "all";
}

const HOSTS = "none, or hosts separated by commas, such as push.example.com or 127.0.0.1:9000";

const CONTACTS =
  "a mail address such as mailto:chat@example.com or an https address, if PUSH is on";

const KEYS = "none, or the key that halley token push prints";

/** Reads the settings of pushes; `undefined` if they are off. */
export function readPushSettings(read: SettingReader): PushSettings | undefined {
  const isOn = read.oneOf("PUSH", "off", ["on", "off"]) === "on";
  const hosts = read.parsed("PUSH_HOSTS", "none", parseHosts, HOSTS);
  const { contact } = read.parsed("PUSH_CONTACT", "none", parseContact, CONTACTS);
  const { key } = read.secret("PUSH_KEY", "none", parseKey, KEYS);
  const notices = read.oneOf("PUSH_NOTICES", "personal", ["personal", "all"]);
  if (!isOn) return undefined;
  if (contact !== undefined) return { hosts, contact, key, notices };
  if (read.text("PUSH_CONTACT", "none") === "none") {
    read.addError(`PUSH_CONTACT is "none"; allowed: ${CONTACTS}`);
  }
  return undefined;
}

function parseHosts(list: string): readonly string[] | undefined {
  if (list === "none") return [];
  const hosts = list.split(",").map((word) => word.trim());
  return hosts.every(isHost) ? hosts : undefined;
}

/** Whether an endpoint can have this host. There are no patterns, and addresses leave out the port 443. */
function isHost(host: string): boolean {
  return !host.includes("*") && URL.parse(`https://${host}`)?.host === host;
}

function parseContact(text: string): { readonly contact?: string } | undefined {
  if (text === "none") return {};
  const isMail = /^mailto:[^\s@]+@[^\s@]+$/.test(text);
  return isMail || URL.parse(text)?.protocol === "https:" ? { contact: text } : undefined;
}

function parseKey(text: string): { readonly key?: string } | undefined {
  if (text === "none") return {};
  return isPushKey(text) ? { key: text } : undefined;
}
