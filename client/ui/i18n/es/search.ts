import type { Search } from "../en/search.ts";

/** Sentences of the search for messages, in Spanish. */
export const search: Search = {
  placeholder: "Palabras o «una frase»",
  where: "Dónde buscar",
  here: "En {title}",
  everywhere: "En todas partes",
  limits: "Filtros",
  from: "De",
  anyone: "Cualquiera",
  since: "Primer día",
  until: "Último día",
  idle: "Encuentra los mensajes que tienen todas las palabras, en cualquier orden.",
  searching: "Buscando…",
  found: { one: "{count} mensaje", other: "{count} mensajes" },
  foundSoFar: { one: "{count} mensaje hasta ahora", other: "{count} mensajes hasta ahora" },
  nothing: "Ningún mensaje tiene estas palabras.",
  nothingSoFar: "Ningún mensaje más reciente tiene estas palabras.",
  searchOn: "Buscar en mensajes más antiguos",
  more: "Mostrar más",
  unavailable: "Este servidor solo puede buscar en una conversación a la vez.",
  tooManyWords: "Busca menos palabras.",
  unindexed: {
    one: "{count} mensaje antiguo todavía no se puede encontrar. El servidor aún lo está leyendo.",
    other:
      "Unos {count} mensajes antiguos todavía no se pueden encontrar. El servidor aún los está leyendo.",
  },
  messageGone: "Este mensaje ya no está.",
  close: "Cerrar la búsqueda",
  day: "Día",
  jump: "Ir",
  first: "Primer mensaje",
  cancel: "Cancelar",
  noneSince: "No se envió ningún mensaje ese día ni después.",
};
