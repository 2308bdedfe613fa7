import type { Widget } from "../en/widget.ts";

/** Sentences that only the chat of the widget has, in German. */
export const widget: Widget = {
  dismiss: "Schließen",
  answers: "{name} antwortet",
  attended: "Wir sind da",
  unattended: "Wir antworten später",
  away: "Wir sind gerade nicht da. Hinterlasse deine Adresse, und wir antworten.",
  leaveAddress: "Nachricht hinterlassen",
  address: "Deine E-Mail-Adresse oder Telefonnummer",
  invalidAddress: "Gib eine E-Mail-Adresse oder Telefonnummer an, damit wir antworten können.",
  question: "Deine Nachricht",
  sent: "Danke. Wir antworten an {address}.",
  unsent: "Was du geschrieben hast, ist noch nicht gesendet und geht beim Abmelden verloren.",
  stay: "Bleiben",
  refusals: {
    noAccess: "Du hast keinen Zugang zu diesem Chat.",
    full: "Der Chat ist gerade voll. Versuche es später noch einmal.",
    tooFast: "Das war zu schnell. Warte einen Moment.",
    busy: "Der Chat kann gerade nicht antworten. Versuche es bald noch einmal.",
    refused: "Der Chat lehnt das ab.",
  },
};
