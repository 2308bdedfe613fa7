import type { Config } from "./config.ts";
import type { ReadSetting } from "../base/setting_reader.ts";

/** So many file descriptors are needed beside those of parked polls. */
const OTHER_FILES = 200;

/** A secret that somebody made up has fewer different characters than one that a machine made. */
const DIFFERENT = 10;

/** What may be meant so, and leaves a server open or bound to fail; each with what to do about it. */
export function configWarnings(
  config: Config,
  settings: readonly ReadSetting[],
): readonly string[] {
  return [
    ...dangersOfStrangers(config),
    ...dangersOfProxies(config),
    ...settings.filter(isWeak).map(({ name }) =>
      `${name} looks made up: whoever guesses it gets in. "openssl rand -base64 32" makes a good one`
    ),
    ...settings.filter(isPlainKey).map(() =>
      'API_KEYS holds a key in plain: whoever can read the settings has it. "halley token key" ' +
      "prints a line with its digest instead"
    ),
    ...dangersOfLoss(config),
  ];
}

function isOpen({ host }: Config): boolean {
  return !(host === "localhost" || host === "::1" || host.startsWith("127."));
}

function dangersOfStrangers(config: Config): readonly string[] {
  const { host, limits, auth, allowedOrigins, certificate } = config;
  const dangers: string[] = [];
  if (isOpen(config) && !limits.isOn && auth.jwt === undefined) {
    dangers.push(
      `HOST is ${host}, AUTH is guest and LIMITS is off: whoever reaches this machine may sign in, ` +
        "and ask as often as they like",
    );
  }
  if (isOpen(config) && certificate === undefined) {
    dangers.push(
      `HOST is ${host}, and there is no TLS_CERT: private tokens travel in plain, unless a proxy ` +
        "in front speaks HTTPS and nobody gets past it",
    );
  }
  const { jwt } = auth;
  if (jwt !== undefined && jwt.keys.kind !== "secret" && jwt.audience === undefined) {
    dangers.push(
      "JWT_AUDIENCE is none: whatever else is signed with these keys, for other services too, " +
        "lets its user in",
    );
  }
  if (allowedOrigins.includes("*")) {
    dangers.push("ALLOWED_ORIGINS is *: the pages of every web site may use this server");
  }
  return dangers;
}

function dangersOfProxies(config: Config): readonly string[] {
  const { limits: { trustedProxies, isOn } } = config;
  if (!("hops" in trustedProxies) || !isOn) return [];
  const { hops } = trustedProxies;
  if (hops > 0 && isOpen(config)) {
    return [
      `TRUST_PROXY is ${hops}: whoever reaches this machine past the proxy can claim any address`,
    ];
  }
  if (hops > 0 || isOpen(config)) return [];
  return [
    "TRUST_PROXY is none: if a proxy on this machine is in front, no limit by address counts " +
    "(TRUST_PROXY=127.0.0.1)",
  ];
}

function dangersOfLoss({ store, parkedPolls }: Config): readonly string[] {
  const dangers: string[] = [];
  if (store.kind === "memory") dangers.push("STORE is memory: everything is forgotten at the end");
  const files = fileLimit();
  if (files !== undefined && files < parkedPolls + OTHER_FILES) {
    dangers.push(
      `PARKED_POLLS is ${parkedPolls}, and this process may have ${files} files open: ` +
        `raise that, or set PARKED_POLLS to ${Math.max(1, files - OTHER_FILES)}`,
    );
  }
  return dangers;
}

/** How many files this process may have open, where the system tells. */
function fileLimit(): number | undefined {
  try {
    const limits = Deno.readTextFileSync("/proc/self/limits");
    const [, hard] = /^Max open files\s+\S+\s+(\d+)/m.exec(limits) ?? [];
    return hard === undefined ? undefined : Number(hard);
  } catch {
    return undefined; // Another system, or no right to look.
  }
}

function isWeak({ name, value, isSecret }: ReadSetting): boolean {
  const isOwnWord = isSecret && value !== "none" && /SECRET/.test(name);
  return isOwnWord && new Set(value).size < DIFFERENT;
}

function isPlainKey({ name, value }: ReadSetting): boolean {
  return name === "API_KEYS" && value !== "none" &&
    value.split(",").some((key) => !key.includes(":sha256$"));
}
