import { join } from "node:path";
import { ServerProcess } from "../support/server_process.ts";
import { TestFolder } from "../support/test_folder.ts";

/** In ms: one second more than OPERATING.md recommends, for busy machines. */
const DRAIN_DELAY = "3000";

/** A server in its own process, as a proxy sees it. */
export class NodeProcess {
  readonly #halley: ServerProcess;

  constructor(halley: ServerProcess) {
    this.#halley = halley;
  }

  /** Host and port, as in the configuration of a proxy. */
  get address(): string {
    return new URL(this.#halley.url).host;
  }

  /** Stops it, waits until it has exited, and returns its status. */
  async drain(): Promise<number> {
    this.#halley.kill("SIGTERM");
    return (await this.#halley.ended()).code;
  }
}

/** Two servers in their own processes that share a store. */
export class NodeProcesses implements AsyncDisposable {
  readonly left: NodeProcess;
  readonly right: NodeProcess;
  /** The file of the store. */
  readonly path: string;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    [left, right]: readonly [ServerProcess, ServerProcess],
    path: string,
    stack: AsyncDisposableStack,
  ) {
    this.path = path;
    this.left = new NodeProcess(left);
    this.right = new NodeProcess(right);
    this.#stack = stack;
  }

  static async start(
    others: Readonly<Record<string, string>> = {},
  ): Promise<NodeProcesses> {
    await using stack = new AsyncDisposableStack();
    const path = join(stack.use(TestFolder.make()).path, "shared.db");
    // The tests send faster than the limits allow.
    const settings = {
      STORE: `kv:${path}`,
      DRAIN_DELAY,
      LIMITS: "off",
      ...others,
    };
    const left = stack.use(await ServerProcess.start({ settings }));
    const right = stack.use(await ServerProcess.start({ settings }));
    return new NodeProcesses([left, right], path, stack.move());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
