import type { Push } from "../en/push.ts";

/** Sentences about notifications while the page is closed, in French. */
export const push: Push = {
  whenClosed: "Aussi quand la page est fermée",
  whenClosedHint: "Transmises chiffrées par le service push du navigateur.",
  contents: "Afficher les noms et les textes",
  contentsHint: "Sinon, seulement qu’il y a un message.",
  newMessage: "Nouveau message",
  denied:
    "Les notifications sont bloquées. Autorisez-les pour cette page dans les réglages du navigateur, puis réessayez.",
  serviceUnreachable: "Le service push du navigateur est injoignable. Réessayez plus tard.",
  serviceUnknown: "Ce serveur ne connaît pas le service push de votre navigateur.",
};
