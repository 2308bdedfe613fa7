import type { Files } from "../en/files.ts";

/** Sentences of files, in German. */
export const files: Files = {
  attach: "Dateien anhängen",
  attached: "Dateien dieser Nachricht",
  remove: "{name} entfernen",
  tooLarge: "{name} ist größer als {size}.",
  tooMany: "Eine Nachricht kann {count} Dateien haben.",
  waiting: "Wird gesendet, sobald die Verbindung wieder da ist",
  uploading: "Dateien werden gesendet",
  damaged: "Eine der Dateien ist leer oder beschädigt.",
  quota: "Für weitere Dateien von dir ist kein Platz. Lösche Nachrichten mit Dateien.",
  serverFull: "Der Server hat keinen Platz für weitere Dateien.",
  unavailable: "Dieser Server speichert keine Dateien.",
  sendAgain: "Die Dateien konnten nicht gesendet werden.",
  picture: "Bild: {name}",
  show: "{name} zeigen",
  download: "{name} herunterladen",
  gone: "Diese Datei kann nicht geladen werden.",
  previous: "Voriges Bild",
  next: "Nächstes Bild",
  close: "Schließen",
};
