import { type Signal, signal } from "@preact/signals";
import { keptAs } from "../storage/local_store.ts";
import type { Kept } from "../storage/storage.ts";
import { keptTheme, showTheme, type Theme } from "./theme.ts";
import { playTone } from "../notifications/tone.ts";

const keptSound = keptAs("halley.sound", isBoolean);
const keptDesktop = keptAs("halley.notifications", isBoolean);

/** What was chosen for this browser, and stays after a reload. */
export const theme = signal<Theme>(keptTheme.read() ?? "system");
export const hasSound = signal(keptSound.read() ?? false);
/** Whether notices may be shown on the desktop, as far as Halley is concerned. */
export const wantsDesktop = signal(keptDesktop.read() ?? false);
/** Whether they may, as far as the browser is concerned. */
export const permission = signal(permissionNow());

/** Shows that theme from now on. */
export function chooseTheme(chosen: Theme): void {
  keep(keptTheme, theme, chosen);
  showTheme(chosen);
}

/** Turns the sound on, and lets it be heard; or off. */
export function switchSound(): void {
  keep(keptSound, hasSound, !hasSound.value);
  if (hasSound.value) playTone();
}

/** Turns desktop notifications on, for which the browser may ask; or off. To be called for a click alone. */
export async function switchDesktop(): Promise<void> {
  if (!wantsDesktop.value && permissionNow() === "default") await Notification.requestPermission();
  permission.value = permissionNow();
  keep(keptDesktop, wantsDesktop, !wantsDesktop.value && permission.value === "granted");
}

function keep<T>(kept: Kept<T>, shown: Signal<T>, value: T): void {
  shown.value = value;
  kept.write(value);
}

function permissionNow(): NotificationPermission | "missing" {
  return "Notification" in globalThis ? Notification.permission : "missing";
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}
