import { MortalHalley } from "../process/mortal_halley.ts";

/** Some Halley nodes over one store. */
export class NodeGroup implements AsyncDisposable {
  readonly nodes: readonly MortalHalley[];
  readonly #opened: AsyncDisposableStack;

  static async start(
    count: number,
    settings: Readonly<Record<string, string>>,
  ): Promise<NodeGroup> {
    await using opened = new AsyncDisposableStack();
    const all = { LIMITS: "off", DRAIN_DELAY: "500", LOG_LEVEL: "warn", ...settings };
    // One after the other: the first one makes what the store needs.
    const nodes: MortalHalley[] = [];
    for (let n = 0; n < count; n++) nodes.push(opened.use(await MortalHalley.start(all)));
    return new NodeGroup(nodes, opened.move());
  }

  private constructor(nodes: readonly MortalHalley[], opened: AsyncDisposableStack) {
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
