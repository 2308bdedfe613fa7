import type { Launcher } from "../en/launcher.ts";

/** Sentences of the widget’s button, in German. */
export const launcher: Launcher = {
  chat: "Chat",
  open: "Chat öffnen",
  close: "Chat schließen",
  failed: "Der Chat konnte nicht geladen werden. Versuche es noch einmal.",
};
