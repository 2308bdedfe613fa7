import { errorMessage } from "./error_message.ts";
import { StartError } from "./start_error.ts";

/** The other side: a worker, or for a worker the isolate that has started it. */
export interface Endpoint {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

/** What a function takes. */
export type ArgumentsOf<F> = F extends (...args: infer Args) => unknown ? Args : never;
/** What a function returns, or resolves with. */
export type ResultOf<F> = F extends (...args: never[]) => infer Result ? Awaited<Result> : never;

/** Functions as the side that has them offers them: they may take time. */
export type Offered<F> = {
  readonly [Name in keyof F]: (
    ...args: ArgumentsOf<F[Name]>
  ) => ResultOf<F[Name]> | Promise<ResultOf<F[Name]>>;
};

/** What waits for a result. */
interface Settling<T> {
  resolve(result: T): void;
  reject(error: Error): void;
}

/**
 * Calls the functions of another isolate, and offers it some: what they take and return must be clonable. An error arrives as
 * an `Error` with the same message, and a `StartError` as one. Knows nothing about what the functions do.
 */
export class Calls<Other> {
  readonly #endpoint: Endpoint;
  readonly #pending = new Map<number, Settling<unknown>>();
  #lastNumber = 0;

  /** `own`: the functions that the other side can call. */
  constructor(endpoint: Endpoint, own: object) {
    this.#endpoint = endpoint;
    endpoint.addEventListener("message", ({ data: [kind, number, value, args] }) => {
      if (kind === "call") return this.#answer(number, () => Reflect.get(own, value)(...args));
      const settling = this.#pending.get(number);
      this.#pending.delete(number);
      if (kind === "result") return settling?.resolve(value);
      settling?.reject(kind === "cannotStart" ? new StartError(value) : new Error(value));
    });
  }

  call<Name extends keyof Other>(
    name: Name,
    ...args: ArgumentsOf<Other[Name]>
  ): Promise<ResultOf<Other[Name]>> {
    return this.transfer([], name, ...args);
  }

  /** Like {@linkcode call}, and the other side owns these parts of the arguments from then on. */
  transfer<Name extends keyof Other>(
    owned: Transferable[],
    name: Name,
    ...args: ArgumentsOf<Other[Name]>
  ): Promise<ResultOf<Other[Name]>> {
    const { promise, ...settling } = Promise.withResolvers<ResultOf<Other[Name]>>();
    const number = ++this.#lastNumber;
    this.#pending.set(number, settling);
    this.#endpoint.postMessage(["call", number, name, args], owned);
    return promise;
  }

  #answer(number: number, run: () => unknown): void {
    const post = (kind: string, value: unknown) =>
      this.#endpoint.postMessage([kind, number, value], []);
    Promise.try(run).then((result) => post("result", result)).catch((error) =>
      post(error instanceof StartError ? "cannotStart" : "failed", errorMessage(error))
    );
  }
}
