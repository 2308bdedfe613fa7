import type { Widget } from "../en/widget.ts";

/** Sentences that only the chat of the widget has, in French. */
export const widget: Widget = {
  dismiss: "Fermer",
  answers: "{name} vous répond",
  attended: "Nous sommes là",
  unattended: "Nous répondrons plus tard",
  away: "Nous ne sommes pas là. Laissez-nous vos coordonnées et nous répondrons.",
  leaveAddress: "Laisser un message",
  address: "Votre e-mail ou téléphone",
  invalidAddress: "Indiquez un e-mail ou un téléphone pour que nous puissions répondre.",
  question: "Votre message",
  sent: "Merci. Nous répondrons à {address}.",
};
