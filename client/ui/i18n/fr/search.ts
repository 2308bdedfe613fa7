import type { Search } from "../en/search.ts";

/** Sentences of the search for messages, in French. */
export const search: Search = {
  placeholder: "Des mots ou « une expression »",
  where: "Où chercher",
  here: "Dans {title}",
  everywhere: "Partout",
  limits: "Filtres",
  from: "De",
  anyone: "Tout le monde",
  since: "Premier jour",
  until: "Dernier jour",
  idle: "Trouve les messages qui contiennent tous les mots, dans n’importe quel ordre.",
  searching: "Recherche…",
  found: { one: "{count} message", other: "{count} messages" },
  foundSoFar: { one: "{count} message jusqu’ici", other: "{count} messages jusqu’ici" },
  nothing: "Aucun message ne contient ces mots.",
  nothingSoFar: "Aucun message plus récent ne contient ces mots.",
  searchOn: "Chercher dans les messages plus anciens",
  more: "Afficher plus",
  unavailable: "Ce serveur ne peut chercher que dans une conversation à la fois.",
  tooManyWords: "Cherchez moins de mots.",
  unindexed: {
    one:
      "{count} ancien message ne peut pas encore être trouvé. Le serveur est en train de le lire.",
    other:
      "Environ {count} anciens messages ne peuvent pas encore être trouvés. Le serveur est en train de les lire.",
  },
  messageGone: "Ce message n’existe plus.",
  close: "Fermer la recherche",
  day: "Jour",
  jump: "Aller",
  first: "Premier message",
  cancel: "Annuler",
  noneSince: "Aucun message n’a été envoyé ce jour-là ou après.",
};
