import type { Finding } from "../en/finding.ts";

/** Sentences of the dialogs with the ways to a conversation, in German. */
export const finding: Finding = {
  goTo: "Gehe zu",
  placeholder: "Unterhaltung, Person, Raum",
  nothing: "Nichts heißt so.",
  join: "#{name} betreten",
  message: "Neue Unterhaltung",
  room: "Raum",
  searchFor: "Nachrichten mit „{words}“ suchen",
  keys: "Tastenkürzel",
  close: "Schließen",
  singleKeys: "Tasten ohne Strg oder Alt",
  singleKeysHint:
    "Schalte sie aus, wenn deine Software für Spracheingabe oder zum Vorlesen sie sendet.",
  or: "oder",
  actions: {
    switcher: "Zu Unterhaltung, Person oder Raum",
    search: "Nachrichten suchen",
    previous: "Vorige oder nächste Unterhaltung",
    unread: "Vorige oder nächste ungelesene Unterhaltung",
    allRead: "Alles als gelesen markieren",
    write: "Nachricht schreiben",
    writeKeys: "ein Buchstabe",
    reply: "Auf die fokussierte oder die neueste Nachricht antworten",
    messages: "Zwischen Nachrichten, oder Unterhaltungen der Liste",
    send: "Nachricht senden",
    line: "Neue Zeile in der Nachricht",
    format: "Fett, kursiv oder durchgestrichen",
    edit: "Die eigene neueste Nachricht bearbeiten, im leeren Feld",
    back: "Zurück zur Liste; Offenes schließen",
    help: "Diese Tastenkürzel",
  },
};
