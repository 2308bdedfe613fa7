import type { Push } from "../en/push.ts";

/** Sentences about notifications while the page is closed, in German. */
export const push: Push = {
  whenClosed: "Auch wenn die Seite geschlossen ist",
  whenClosedHint: "Kommt verschlüsselt über den Push-Dienst des Browsers.",
  contents: "Namen und Texte zeigen",
  contentsHint: "Sonst nur, dass es eine Nachricht gibt.",
  newMessage: "Neue Nachricht",
  denied:
    "Benachrichtigungen sind blockiert. Erlaube sie für diese Seite in den Einstellungen des Browsers und versuche es noch einmal.",
  serviceUnreachable:
    "Der Push-Dienst des Browsers ist nicht erreichbar. Versuche es später noch einmal.",
  serviceUnknown: "Dieser Server kennt den Push-Dienst deines Browsers nicht.",
};
