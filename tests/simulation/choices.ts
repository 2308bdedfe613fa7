/**
 * What a run may leave out: each fault, each misfortune and each participant is offered by a name, and happens unless it is
 * left out. Whoever offers something has drawn its numbers before, so that what is left out changes nothing else in the
 * plan. So a run that fails can be made smaller.
 */
export class Choices {
  readonly offered: string[] = [];
  readonly #without: ReadonlySet<string>;

  constructor(without: Iterable<string> = []) {
    this.#without = new Set(without);
  }

  /** Whether it happens. Each name is offered once. */
  allows(name: string): boolean {
    this.offered.push(name);
    return !this.#without.has(name);
  }
}
