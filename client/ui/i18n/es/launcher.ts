import type { Launcher } from "../en/launcher.ts";

/** Sentences of the widget’s button, in Spanish. */
export const launcher: Launcher = {
  chat: "Chat",
  open: "Abrir el chat",
  close: "Cerrar el chat",
  failed: "No se pudo cargar el chat. Inténtalo de nuevo.",
};
