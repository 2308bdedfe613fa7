import { join } from "node:path";
import type { SeededRandom } from "../../server/commands/soak/seeded_random.ts";
import { ServerProcess } from "../support/server_process.ts";
import { TestFolder } from "../support/test_folder.ts";
import { Loss } from "./loss.ts";
import { RecordedDisk } from "./recorded_disk.ts";
import { type Operation, readRecording, setCountdown, startRecording } from "./recording.ts";

/** What a power cut met. */
export interface Cut {
  readonly loss: Loss["kind"];
  /** Whether it came while SQLite copied the WAL into the database. */
  readonly metCheckpoint: boolean;
}

/** Compiles the recorder into `folder`. Returns why it cannot be compiled; `undefined` if it could. */
export function compileRecorder(folder: string): string | undefined {
  if (Deno.build.os !== "linux") return "the recorder needs Linux";
  const source = join(import.meta.dirname!, "recorder.c");
  const args = ["-O1", "-shared", "-fPIC", "-o", join(folder, "recorder.so"), source];
  try {
    const { success, stderr } = new Deno.Command("gcc", { args }).outputSync();
    return success ? undefined : new TextDecoder().decode(stderr);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "gcc is not installed";
    throw error;
  }
}

/** A machine that runs a server, whose power can be cut. Its disk keeps what was synced, and any part of what was not. */
export class Machine implements AsyncDisposable {
  readonly #folder = TestFolder.make();
  /** The folder whose content a power cut changes. The server runs in it. */
  readonly root = join(this.#folder.path, "disk");
  readonly #recording = join(this.#folder.path, "recording");
  readonly #settings: Readonly<Record<string, string>>;
  #disk: RecordedDisk | undefined;
  #server: ServerProcess | undefined;

  constructor(settings: Readonly<Record<string, string>>) {
    const reason = compileRecorder(this.#folder.path);
    if (reason !== undefined) throw new Error(`Cannot compile the recorder: ${reason}`);
    Deno.mkdirSync(this.root);
    this.#settings = {
      ...{ STORE: "sqlite:data/halley.db", LIMITS: "off", DRAIN_SECONDS: "0", ...settings },
      LD_PRELOAD: join(this.#folder.path, "recorder.so"),
      POWER_ROOT: this.root,
      POWER_LOG: this.#recording,
    };
  }

  /** Starts the server. Returns `undefined` if the power was cut before it listened. */
  async start(countdown: number): Promise<ServerProcess | undefined> {
    const server = await this.#spawn(countdown, []);
    try {
      await server.line(/listens on/);
      return server;
    } catch (error) {
      if ((await server.ended()).signal === "SIGKILL") return undefined;
      throw error;
    }
  }

  /** Runs a command. Returns whether it has ended before the power was cut. */
  async run(countdown: number, ...args: string[]): Promise<boolean> {
    const command = await this.#spawn(countdown, args);
    const { code, signal, stderr } = await command.ended();
    if (signal !== "SIGKILL" && code !== 0) throw new Error(stderr);
    return code === 0;
  }

  /** Cuts the power at the operation number `countdown` from now. */
  cutAfter(countdown: number): void {
    setCountdown(this.#recording, countdown);
  }

  /** Cuts the power now. */
  cutNow(): void {
    try {
      this.#server?.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  }

  /** Waits until the server has ended, and loses what was not synced. */
  async lose(random: SeededRandom): Promise<Cut> {
    await this.#server?.ended();
    const operations = readRecording(this.#recording);
    const last = operations.at(-1);
    this.#disk?.replay(operations);
    this.#disk?.verify(last);
    const loss = new Loss(random, operations.length);
    this.#disk?.lose(loss);
    return { loss: loss.kind, metCheckpoint: isCheckpoint(operations) };
  }

  async #spawn(countdown: number, args: readonly string[]): Promise<ServerProcess> {
    this.#disk = RecordedDisk.read(this.root);
    startRecording(this.#recording, countdown);
    const options = { folder: this.root, settings: this.#settings, args };
    return this.#server = await ServerProcess.spawn(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

/** Whether the last operations wrote to the database itself. */
function isCheckpoint(operations: readonly Operation[]): boolean {
  const database = operations.findLast((one) =>
    (one.kind === "opened" || one.kind === "created") && one.path.endsWith(".db")
  );
  if (database === undefined || !("file" in database)) return false;
  return operations.slice(-20).some((one) => one.kind === "written" && one.file === database.file);
}
