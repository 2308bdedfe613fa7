import type { Launcher } from "../en/launcher.ts";

/** Sentences of the widget’s button, in French. */
export const launcher: Launcher = {
  chat: "Discussion",
  open: "Ouvrir la discussion",
  close: "Fermer la discussion",
  failed: "Impossible de charger la discussion. Réessayez.",
};
