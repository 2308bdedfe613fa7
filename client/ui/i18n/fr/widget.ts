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
  unsent: "Ce que vous avez écrit n’est pas encore envoyé et sera perdu si vous vous déconnectez.",
  stay: "Rester",
  refusals: {
    noAccess: "Vous n’avez pas accès à cette discussion.",
    full: "La discussion est complète. Réessayez plus tard.",
    tooFast: "C’était trop rapide. Attendez un instant.",
    busy: "La discussion ne peut pas répondre. Réessayez bientôt.",
    refused: "La discussion refuse cela.",
  },
};
