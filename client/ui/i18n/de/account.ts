import type { Account } from "../en/account.ts";

/** Sentences about identities, in German. */
export const account: Account = {
  unsent: "Nicht gesendet",
  unsentHint: "Deine Sitzung endete, bevor das gesendet wurde. Kopiere, was du brauchst.",
  copyAll: "Kopieren",
  copied: "Kopiert",
  discard: "Verwerfen",
  cancel: "Abbrechen",
  save: "Speichern",
  done: "OK",
  tryAgain: "Noch einmal",
  changeName: "Namen ändern",
  newName: "Neuer Name",
  renameHint: "Gesendete Nachrichten behalten den alten Namen.",
  invalidName: "Dieser Name geht nicht. Verwende nur sichtbare Zeichen.",
  otherDevice: "Auf anderem Gerät nutzen",
  moveHint:
    "Öffne diesen Link auf dem anderen Gerät. Wer ihn öffnet, wird zu dir: Gib ihn niemandem.",
  moveLink: "Link für das andere Gerät",
  validUntil: "Gilt einmal, bis {time}.",
  creating: "Link wird erstellt …",
  checking: "Link wird geprüft …",
  continueAs: "Weiter als {name}",
  alreadyHere: "Du bist hier schon {name}.",
  leaves:
    "Auf diesem Gerät bist du {name}. Du wirst als {name} abgemeldet und kannst nicht zurück.",
  invalidCode:
    "Dieser Link ist abgelaufen oder wurde schon benutzt. Erstelle auf dem anderen Gerät einen neuen.",
};
