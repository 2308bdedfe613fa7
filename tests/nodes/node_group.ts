import { RestartableServer } from "../support/restartable_server.ts";

/** Several server nodes over one store. */
export class NodeGroup implements AsyncDisposable {
  readonly nodes: readonly RestartableServer[];
  readonly #opened: AsyncDisposableStack;

  static async start(
    count: number,
    settings: Readonly<Record<string, string>>,
  ): Promise<NodeGroup> {
    await using opened = new AsyncDisposableStack();
    const all = { LIMITS: "off", DRAIN_DELAY: "500", LOG_LEVEL: "warn", ...settings };
    // In sequence, because the first one creates what the store needs.
    const nodes: RestartableServer[] = [];
    for (let n = 0; n < count; n++) nodes.push(opened.use(await RestartableServer.start(all)));
    return new NodeGroup(nodes, opened.move());
  }

  private constructor(nodes: readonly RestartableServer[], opened: AsyncDisposableStack) {
    this.nodes = nodes;
    this.#opened = opened;
  }

  get urls(): readonly string[] {
    return this.nodes.map(({ url }) => url);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}
