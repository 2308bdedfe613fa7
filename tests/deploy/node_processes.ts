import { join } from "node:path";
import { ServerProcess } from "../support/server_process.ts";
import { TestFolder } from "../support/test_folder.ts";

/** A second more than OPERATING.md has it, for machines that are busy. */
const DRAIN_DELAY = "3000";

/** A Halley in a process of its own, as a proxy sees it. */
export class NodeProcess {
  readonly #halley: ServerProcess;

  constructor(halley: ServerProcess) {
    this.#halley = halley;
  }

  /** As a proxy's configuration names it: a host and a port. */
  get address(): string {
    return new URL(this.#halley.url).host;
  }

  /** Tells it to stop, waits until it has, and gives its status. */
  async drain(): Promise<number> {
    this.#halley.kill("SIGTERM");
    return (await this.#halley.ended()).code;
  }
}

/** Two Halleys in processes of their own, over one store. */
export class NodeProcesses implements AsyncDisposable {
  readonly left: NodeProcess;
  readonly right: NodeProcess;
  readonly #stack: AsyncDisposableStack;

  private constructor(left: ServerProcess, right: ServerProcess, stack: AsyncDisposableStack) {
    this.left = new NodeProcess(left);
    this.right = new NodeProcess(right);
    this.#stack = stack;
  }

  static async start(): Promise<NodeProcesses> {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(TestFolder.make());
    // One who sends all the time would meet the limits.
    const settings = {
      STORE: `kv:${join(folder.path, "shared.db")}`,
      DRAIN_DELAY,
      LIMITS: "off",
    };
    const left = stack.use(await ServerProcess.start({ settings }));
    const right = stack.use(await ServerProcess.start({ settings }));
    return new NodeProcesses(left, right, stack.move());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
