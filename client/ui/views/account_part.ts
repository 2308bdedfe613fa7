import { signal } from "@preact/signals";
import type * as accountModule from "../account/account.ts";

type AccountPart = typeof accountModule;

/** What can be done with an identity, which is loaded when it is wanted. Undefined until then. */
export const account = signal<AccountPart | undefined>(undefined);

/** The page sets it. */
export const accountLoader: { load?: () => Promise<AccountPart> } = {};

/** Loads it; returns whether it is there. */
export async function loadAccount(): Promise<boolean> {
  try {
    account.value ??= await accountLoader.load?.();
  } catch {
    // The network is down, or the server has a new version of the page.
  }
  return account.value !== undefined;
}
