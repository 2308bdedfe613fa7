import { isLoopback } from "../base/loopback.ts";
import type { ReadSetting } from "../base/setting_reader.ts";
import { hasScope } from "../http/auth/api_keys.ts";
import { hiddenRules } from "../stores/retain_settings.ts";
import type { Config } from "./config.ts";

/** File descriptors that the server needs in addition to one for each parked poll. */
const OTHER_FILES = 200;

/** A random secret has more different characters than one that a person made up. */
const MIN_DIFFERENT_CHARACTERS = 10;

/**
 * Domains under which anybody may be able to have a name: such as co.uk or com.br, and those of large hosters. The public
 * suffix list, which has all of them, changes every week.
 */
const SHARED_DOMAIN =
  /^(?:[a-z]{2,3}\.[a-z]{2}|(?:.+\.)?(?:amazonaws\.com|appspot\.com|azurestaticapps\.net|azurewebsites\.net|blogspot\.com|cloudfront\.net|deno\.(?:dev|net)|firebaseapp\.com|fly\.dev|github\.io|gitlab\.io|herokuapp\.com|netlify\.app|ngrok(?:-free)?\.app|onrender\.com|pages\.dev|railway\.app|run\.app|trycloudflare\.com|vercel\.app|web\.app|windows\.net|workers\.dev))$/;

/** Finds settings that are valid but may leave the server open or make it fail. Each warning says what to do. */
export function configWarnings(
  config: Config,
  settings: readonly ReadSetting[],
): readonly string[] {
  return [
    ...accessWarnings(config),
    ...proxyWarnings(config),
    ...settings.filter(isWeakSecret).map(({ name }) =>
      `${name} looks guessable: anyone who guesses it gets access. ` +
      'Make a random one with "openssl rand -base64 32"'
    ),
    ...settings.filter(hasPlainKey).map(() =>
      "API_KEYS contains a key in plain text: anyone who can read the settings can use it. " +
      'Use the line with its digest that "halley token key" prints'
    ),
    ...settings.filter(isPlaceholder).map(({ name }) =>
      `${name} begins with "replace": anyone who has read the same example knows it. ` +
      'Make a random one with "openssl rand -hex 32"'
    ),
    ...scopeWarnings(config),
    ...patternScopeWarnings(config),
    ...retainWarnings(config),
    ...capacityWarnings(config),
  ];
}

/** Whether other machines can connect. */
function isPublic({ host }: Config): boolean {
  return !isLoopback(host);
}

function accessWarnings(config: Config): readonly string[] {
  const { host, limits, auth, allowedOrigins, certificate } = config;
  const warnings: string[] = [];
  if (isPublic(config) && !limits.isOn && auth.jwt === undefined) {
    warnings.push(
      `HOST is ${host}, AUTH is guest and LIMITS is off: anyone who can reach this machine can ` +
        "sign in and send any number of requests",
    );
  }
  if (isPublic(config) && certificate === undefined) {
    warnings.push(
      `HOST is ${host} and TLS_CERT is not set: private tokens are sent unencrypted, unless all ` +
        "requests come through an HTTPS proxy",
    );
  }
  const { jwt } = auth;
  if (jwt !== undefined && jwt.keys.kind !== "secret" && jwt.audience === undefined) {
    warnings.push(
      "JWT_AUDIENCE is none: tokens that these keys sign for other services are accepted too",
    );
  }
  if (allowedOrigins.includes("*")) {
    warnings.push("ALLOWED_ORIGINS is *: pages of any website can use this server");
  }
  for (
    const [origin, domain = ""] of allowedOrigins.join(" ").matchAll(/https?:\/\/\*\.([^ :]+)\S*/g)
  ) {
    if (!SHARED_DOMAIN.test(domain)) continue;
    warnings.push(
      `ALLOWED_ORIGINS has ${origin}: if others can have names under ${domain}, their pages can ` +
        "use this server. List your own origins instead",
    );
  }
  return warnings;
}

function proxyWarnings(config: Config): readonly string[] {
  const { limits: { trustedProxies, isOn } } = config;
  if (!("hops" in trustedProxies) || !isOn) return [];
  const { hops } = trustedProxies;
  if (hops > 0 && isPublic(config)) {
    return [
      `TRUST_PROXY is ${hops}: a client that connects without the proxy can claim any address`,
    ];
  }
  if (hops > 0 || isPublic(config)) return [];
  return [
    "TRUST_PROXY is none: behind a proxy on this machine, limits per address have no effect. " +
    "Set TRUST_PROXY=127.0.0.1 if there is one",
  ];
}

/** Before the scope `users` existed, `publish` included it. */
function scopeWarnings({ apiKeys, auth }: Config): readonly string[] {
  if (auth.jwt !== undefined || apiKeys.some(({ scopes }) => scopes.includes("users"))) return [];
  return apiKeys.filter((key) => !hasScope(key, "users") && hasScope(key, "publish")).map((
    { name },
  ) =>
    `The API key "${name}" cannot sign users in: if your back end does that, add the scope users ` +
    "to it, such as publish+users"
  );
}

function patternScopeWarnings({ apiKeys }: Config): readonly string[] {
  return apiKeys.filter((key) => hasScope(key, "patterns") && !hasScope(key, "read")).map((
    { name },
  ) =>
    `The API key "${name}" has the scope patterns without read, and reads nothing: ` +
    "add the scope read to it, such as read+patterns"
  );
}

function retainWarnings({ retain }: Config): readonly string[] {
  return hiddenRules(retain).map(({ rule, by }) =>
    `The rule of RETAIN for ${rule} never applies, since the one for ${by} comes first: ` +
    "name the narrower one first"
  );
}

function capacityWarnings({ store, parkedPolls }: Config): readonly string[] {
  const warnings: string[] = [];
  if (store.kind === "memory") {
    warnings.push("STORE is memory: messages and sessions are lost when the server stops");
  }
  const files = maxOpenFiles();
  if (files !== undefined && files < parkedPolls + OTHER_FILES) {
    warnings.push(
      `PARKED_POLLS is ${parkedPolls}, but this process can open only ${files} files: ` +
        `raise that limit, or set PARKED_POLLS to ${Math.max(1, files - OTHER_FILES)}`,
    );
  }
  return warnings;
}

/** Maximum number of files that this process can open, on systems that report it. */
function maxOpenFiles(): number | undefined {
  try {
    const limits = Deno.readTextFileSync("/proc/self/limits");
    const [, hard] = /^Max open files\s+\S+\s+(\d+)/m.exec(limits) ?? [];
    return hard === undefined ? undefined : Number(hard);
  } catch {
    return undefined; // Not Linux, or no permission.
  }
}

function isWeakSecret({ name, value, isSecret }: ReadSetting): boolean {
  return isSecret && value !== "none" && name.includes("SECRET") &&
    new Set(value).size < MIN_DIFFERENT_CHARACTERS;
}

/** Whether a secret is still the one of an example. */
function isPlaceholder({ name, value, isSecret }: ReadSetting): boolean {
  if (!isSecret) return false;
  return name === "API_KEYS" ? /:replace[^:,]*(?:,|$)/i.test(value) : /^replace/i.test(value);
}

function hasPlainKey({ name, value }: ReadSetting): boolean {
  return name === "API_KEYS" && value !== "none" &&
    value.split(",").some((key) => !key.includes(":sha256$"));
}
