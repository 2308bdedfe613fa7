import { signal } from "@preact/signals";
import { HalleyError } from "../../comet/halley.ts";
import { AdminApi } from "./admin_api.ts";
import { AdminState } from "./admin_state.ts";

/** Why somebody is not let in: the key is unknown, or may not administer; too many were; the server is away. */
export type LoginError = "wrongKey" | "weakKey" | "tooOften" | "unreachable" | "keyEnded";

/** A place that forgets what it keeps when its tab is closed. */
export interface KeyPlace {
  read(): string | undefined;
  write(key: string | undefined): void;
}

/** Lets those in who have a key, and out again. */
export class AdminLogin {
  /** The desk of whoever is in. */
  readonly desk = signal<AdminState | undefined>(undefined);
  readonly isBusy = signal(false);
  readonly turnaway = signal<LoginError | undefined>(undefined);
  readonly #base: URL;
  readonly #place: KeyPlace;

  constructor(base: URL, place: KeyPlace) {
    this.#base = base;
    this.#place = place;
    const key = place.read();
    if (key !== undefined) this.enter(key);
  }

  /** Asks the server whether it takes the key. */
  async enter(key: string): Promise<void> {
    this.isBusy.value = true;
    this.turnaway.value = undefined;
    const api = new AdminApi(this.#base, key);
    try {
      const overview = await api.overview();
      this.#place.write(key);
      this.desk.value = new AdminState(api, overview, () => this.#leave("keyEnded"));
    } catch (error) {
      this.turnaway.value = reasonOf(error);
      // A server that is away says nothing about the key.
      if (this.turnaway.value !== "unreachable") this.#place.write(undefined);
    }
    this.isBusy.value = false;
  }

  leave(): void {
    this.#leave(undefined);
  }

  #leave(reason: LoginError | undefined): void {
    this.desk.value?.[Symbol.dispose]();
    this.desk.value = undefined;
    this.turnaway.value = reason;
    this.#place.write(undefined);
  }
}

function reasonOf(error: unknown): LoginError {
  if (!(error instanceof HalleyError)) return "unreachable";
  if (error.status === 401) return "wrongKey";
  if (error.status === 403) return "weakKey";
  return error.status === 429 ? "tooOften" : "unreachable";
}
