import type { Search } from "../en/search.ts";

/** Sentences of the search for messages, in German. */
export const search: Search = {
  placeholder: "Wörter oder „ein Satzteil“",
  where: "Wo gesucht wird",
  here: "In {title}",
  everywhere: "Überall",
  limits: "Eingrenzen",
  from: "Von",
  anyone: "Alle",
  since: "Erster Tag",
  until: "Letzter Tag",
  idle: "Findet Nachrichten, die alle Wörter enthalten, in beliebiger Reihenfolge.",
  searching: "Suche läuft…",
  found: { one: "{count} Nachricht", other: "{count} Nachrichten" },
  foundSoFar: { one: "Bisher {count} Nachricht", other: "Bisher {count} Nachrichten" },
  nothing: "Keine Nachricht enthält diese Wörter.",
  nothingSoFar: "Keine neuere Nachricht enthält diese Wörter.",
  searchOn: "Ältere Nachrichten durchsuchen",
  more: "Mehr anzeigen",
  unavailable: "Dieser Server kann immer nur eine Unterhaltung durchsuchen.",
  tooManyWords: "Suche nach weniger Wörtern.",
  unindexed: {
    one: "{count} alte Nachricht kann noch nicht gefunden werden. Der Server liest sie noch.",
    other:
      "Etwa {count} alte Nachrichten können noch nicht gefunden werden. Der Server liest sie noch.",
  },
  messageGone: "Diese Nachricht gibt es nicht mehr.",
  close: "Suche schließen",
  day: "Tag",
  jump: "Springen",
  first: "Erste Nachricht",
  cancel: "Abbrechen",
  noneSince: "An diesem Tag oder später wurde keine Nachricht gesendet.",
};
