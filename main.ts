import { type Command, runCommand } from "./server/commands/command.ts";
import { UsageError } from "./server/commands/command_error.ts";
import { USAGE, VERSION } from "./server/commands/usage.ts";

/** Each command is loaded when it is called: a client command does not load the server, nor the server a client. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  backup: async () => (await import("./server/commands/store_files.ts")).BACKUP,
  check: async () => (await import("./server/commands/check.ts")).CHECK,
  epoch: async () => (await import("./server/commands/store_files.ts")).EPOCH,
  notices: async () => (await import("./server/commands/notices.ts")).NOTICES,
  restore: async () => (await import("./server/commands/store_files.ts")).RESTORE,
  send: async () => (await import("./server/commands/send.ts")).SEND,
  soak: async () => (await import("./server/commands/soak/soak.ts")).SOAK,
  tail: async () => (await import("./server/commands/tail.ts")).TAIL,
  token: async () => (await import("./server/commands/token.ts")).TOKEN,
};

/** Without a command name, starts the server. */
const HALLEY: Command = {
  usage: USAGE,
  async run(args) {
    const isVersion = args[0] === "--version";
    const unknown = isVersion ? args[1] : args[0];
    if (unknown !== undefined) throw new UsageError(`Unknown argument "${unknown}"`);
    if (isVersion) return console.log(VERSION);
    await (await import("./server/server.ts")).serve();
  },
};

async function dispatch(args: readonly string[]): Promise<number> {
  const [name = "", ...others] = args;
  // Only soak starts processes. All other commands give up this right.
  if (name !== "soak") Deno.permissions.revokeSync({ name: "run" });
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return load === undefined
    ? await runCommand(HALLEY, args)
    : await runCommand(await load(), others);
}

// Not behind `import.meta.main`, because some platforms import this module instead of running it.
Deno.exit(await dispatch(Deno.args));
