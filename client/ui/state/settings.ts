import { type Signal, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Message } from "../../comet/halley.ts";
import { playTone } from "../notifications/tone.ts";
import { localValue, PAGE_PREFIX, type StoredValue } from "../storage/stored_value.ts";
import { applyTheme, storedTheme, type Theme } from "./theme.ts";

const storedSound = localValue(`${PAGE_PREFIX}.sound`, isBoolean);
const storedKeys = localValue(`${PAGE_PREFIX}.keys`, isBoolean);
const storedFolded = localValue(`${PAGE_PREFIX}.folded`, areNames);
const storedDesktop = localValue(`${PAGE_PREFIX}.notifications`, isBoolean);

/** The choices of this browser, which are restored after a reload. */
export const theme = signal<Theme>(storedTheme.read() ?? "system");
export const hasSound = signal(storedSound.read() ?? false);
/** Whether desktop notifications were turned on here. They also need the browser's `permission`. */
export const wantsDesktop = signal(storedDesktop.read() ?? false);
/** Whether keys without Ctrl or Alt do something: software for speech input or reading can send them. */
export const hasSingleKeys = signal(storedKeys.read() ?? true);
/** The sections of the list of conversations of which only the heading is shown. */
export const foldedSections = signal(storedFolded.read() ?? []);
/** `missing`: this browser cannot show notifications of pages. */
export const permission = signal(currentPermission());

/** What parts of the page add that are loaded after it. */
export const notifying: {
  readonly switches: Signal<ComponentChildren>;
  /** Shows a number on the page's icon. */
  readonly icon: Signal<((count: string) => void) | undefined>;
  /** Shows a notification in place of the page, so that a message and its push have one. */
  show?: ((message: Message, title: string, options: NotificationOptions) => void) | undefined;
} = { switches: signal(undefined), icon: signal(undefined) };

storedTheme.watch(() => applyTheme(theme.value = storedTheme.read() ?? "system"));
storedSound.watch(() => hasSound.value = storedSound.read() ?? false);
storedKeys.watch(() => hasSingleKeys.value = storedKeys.read() ?? true);
storedFolded.watch(() => foldedSections.value = storedFolded.read() ?? []);
storedDesktop.watch(() => wantsDesktop.value = storedDesktop.read() ?? false);

export function chooseTheme(chosen: Theme): void {
  choose(theme, storedTheme, chosen);
  applyTheme(chosen);
}

/** Turns the sound on and plays it once, or off. */
export function switchSound(): void {
  choose(hasSound, storedSound, !hasSound.value);
  if (hasSound.value) playTone();
}

export function switchSingleKeys(): void {
  choose(hasSingleKeys, storedKeys, !hasSingleKeys.value);
}

export function foldSection(name: string, isFolded: boolean): void {
  const others = foldedSections.peek().filter((one) => one !== name);
  choose(foldedSections, storedFolded, isFolded ? [...others, name] : others);
}

/** Turns desktop notifications on or off. Call it in a click handler: the browser may ask for permission. */
export async function switchDesktop(): Promise<void> {
  if (!wantsDesktop.value && permission.value === "default") {
    await Notification.requestPermission();
  }
  permission.value = currentPermission();
  choose(wantsDesktop, storedDesktop, !wantsDesktop.value && permission.value === "granted");
}

function choose<T>(choice: Signal<T>, stored: StoredValue<T>, value: T): void {
  choice.value = value;
  stored.write(value);
}

function currentPermission(): NotificationPermission | "missing" {
  if (!("Notification" in globalThis)) return "missing";
  const { permission } = Notification;
  return permission === "granted" || canConstruct() ? permission : "missing";
}

/**
 * Whether pages can show notifications: on Android, only service workers can, and the constructor throws. To be called
 * without permission: with it, this would show one.
 */
function canConstruct(): boolean {
  try {
    new Notification("");
    return true;
  } catch {
    return false;
  }
}

function areNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}
