import { signal } from "@preact/signals";
import { HalleyError, isFinal } from "../../comet/halley_error.ts";
import { PAGE_PREFIX } from "../../ui/storage/stored_value.ts";
import { AdminApi } from "./admin_api.ts";
import { AdminState } from "./admin_state.ts";

/** Why the admin page asks for a key again. */
export type LoginError =
  | "wrongKey"
  | "missingScope"
  | "tooManyAttempts"
  | "unreachable"
  | "keyEnded";

/** The key is only in the storage of its tab, never in `localStorage`. */
const STORAGE_KEY = `${PAGE_PREFIX}.admin-key`;

/** Signs administrators in and out. A key that the server accepts stays in `sessionStorage` until they sign out. */
export class AdminLogin {
  /** The state of the admin page; undefined while nobody is signed in. */
  readonly admin = signal<AdminState>();
  readonly isBusy = signal(false);
  readonly error = signal<LoginError>();
  readonly #base: URL;

  constructor(base: URL) {
    this.#base = base;
    const key = storedKey();
    if (key !== undefined) this.signIn(key);
  }

  /** Signs in if the server accepts the key. */
  async signIn(key: string): Promise<void> {
    this.isBusy.value = true;
    this.error.value = undefined;
    const api = new AdminApi(this.#base, key);
    try {
      const overview = await api.overview();
      storeKey(key);
      this.admin.value = new AdminState(api, overview, () => this.#end("keyEnded"));
    } catch (error) {
      const reason = reasonOf(error);
      this.error.value = reason;
      // An unreachable server does not make the key invalid.
      if (reason !== "unreachable") storeKey(undefined);
    }
    this.isBusy.value = false;
  }

  signOut(): void {
    this.#end(undefined);
  }

  #end(reason: LoginError | undefined): void {
    this.admin.value?.[Symbol.dispose]();
    this.admin.value = undefined;
    this.error.value = reason;
    storeKey(undefined);
  }
}

function reasonOf(error: unknown): LoginError {
  // A 401 of a proxy says nothing about the key.
  if (isFinal(error) && error.status === 401) return "wrongKey";
  if (isFinal(error) && error.status === 403) return "missingScope";
  return error instanceof HalleyError && error.status === 429 ? "tooManyAttempts" : "unreachable";
}

function storedKey(): string | undefined {
  try {
    return sessionStorage.getItem(STORAGE_KEY) ?? undefined;
  } catch {
    return undefined; // The browser forbids storage.
  }
}

function storeKey(key: string | undefined): void {
  try {
    if (key === undefined) sessionStorage.removeItem(STORAGE_KEY);
    else sessionStorage.setItem(STORAGE_KEY, key);
  } catch {
    // The browser forbids storage: a reload asks for the key again.
  }
}
