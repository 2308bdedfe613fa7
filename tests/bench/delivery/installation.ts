import { join } from "node:path";
import { type Peer, type PeerName, PEERS } from "./peers.ts";

/** Files of this project that the modules of the peers import. */
const LIBRARY = join(import.meta.dirname ?? ".", "../../../static/built/halley.js");

/** Without a registry, npm fails within seconds; by default it tries for minutes. */
const NPM_OPTIONS = [
  "--no-audit",
  "--no-fund",
  "--loglevel=error",
  "--fetch-retry-mintimeout=1000",
  "--fetch-retry-maxtimeout=3000",
];

/** Installs the packages of the peers with npm, in a folder that this project does not know. Returns the folder. */
export async function install(names: readonly PeerName[]): Promise<string> {
  await using failed = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "halley-delivery-" });
  failed.defer(() => Deno.remove(folder, { recursive: true }));
  const modules = join(import.meta.dirname ?? ".", "peers");
  for await (const { name } of Deno.readDir(modules)) {
    await Deno.copyFile(join(modules, name), join(folder, name));
  }
  await Deno.copyFile(LIBRARY, join(folder, "halley.js"));
  const dependencies = Object.assign({}, ...names.map((name) => PEERS[name].packages));
  await Deno.writeTextFile(
    join(folder, "package.json"),
    JSON.stringify({ private: true, type: "module", dependencies }),
  );
  if (Object.keys(dependencies).length > 0) {
    await run("npm", ["install", ...NPM_OPTIONS], folder);
  }
  failed.move();
  return folder;
}

/** The programs that the peer needs apart from npm packages, and that are not installed. */
export function missingPrograms({ needs, usesRedis }: Peer): string[] {
  const programs = [needs, usesRedis ? "redis-server" : undefined];
  return programs.filter((program) => program !== undefined).filter((program) => !runs(program));
}

function runs(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["-v"] }).outputSync().success;
  } catch {
    return false;
  }
}

async function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  const command = [program, ...args].join(" ");
  throw new Error(`Cannot run "${command}": ${new TextDecoder().decode(stderr).trim()}`);
}
