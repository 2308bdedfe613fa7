/** The connections of a browser to the server: with HTTP/1.1, further requests wait in line. */
export class Connections {
  readonly #limit: number;
  readonly #line: (() => void)[] = [];
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Calls `start` as soon as there is a connection. Returns what gives it back, or leaves the line. */
  take(start: () => void): () => void {
    let state: "waiting" | "used" | "done" = "waiting";
    const begin = () => {
      this.#used++;
      state = "used";
      start();
    };
    const giveBack = () => {
      if (state === "waiting") this.#line.splice(this.#line.indexOf(begin), 1);
      if (state === "used") this.#release();
      state = "done";
    };
    if (this.#used < this.#limit) begin();
    else this.#line.push(begin);
    return giveBack;
  }

  #release(): void {
    this.#used--;
    this.#line.shift()?.();
  }
}
