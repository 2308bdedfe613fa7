import type { ConnectionState, StopReason } from "../../comet/connection_state.ts";
import type { HalleyError } from "../../comet/halley_error.ts";
import type { Reader, ReaderOptions } from "../../comet/reader.ts";

/** A reader that is still being loaded, and starts then if it was asked to. */
export class LoadingReader implements Reader {
  readonly #options: ReaderOptions;
  #reader: Reader | undefined;
  #state: ConnectionState = { name: "stopped", reason: "asked" };

  constructor(options: ReaderOptions, loading: Promise<() => Reader>) {
    this.#options = options;
    loading.then((open) => {
      const reader = this.#reader = open();
      if (this.#state.name === "connecting") reader.start();
    });
  }

  get state(): ConnectionState {
    return this.#reader?.state ?? this.#state;
  }

  get cursor(): string | undefined {
    return this.#reader?.cursor ?? this.#options.cursor;
  }

  start(): void {
    if (this.#reader) this.#reader.start();
    else this.#change({ name: "connecting" });
  }

  stop(reason: StopReason, problem?: HalleyError): void {
    if (this.#reader) this.#reader.stop(reason, problem);
    else this.#change({ name: "stopped", reason, ...(problem && { problem }) });
  }

  changeChannels(): void {
    this.#reader?.changeChannels();
  }

  tryNow(): void {
    this.#reader?.tryNow();
  }

  #change(state: ConnectionState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}
