import { signal } from "@preact/signals";
import type * as findingModule from "../finding/finding.ts";

type FindingPart = typeof findingModule;

/** The dialogs with the ways to a conversation, which are loaded when they are wanted. Undefined until then. */
export const finding = signal<FindingPart | undefined>(undefined);

/** The page sets it. */
export const findingLoader: { load?: () => Promise<FindingPart> } = {};

/** Loads them; returns whether they are there. */
export async function loadFinding(): Promise<boolean> {
  try {
    finding.value ??= await findingLoader.load?.();
  } catch {
    // The network is down, or the server has a new version of the page.
  }
  return finding.value !== undefined;
}
