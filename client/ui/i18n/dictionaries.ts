import { ar } from "./ar/ar.ts";
import { de } from "./de/de.ts";
import type { Dictionary } from "./dictionary.ts";
import { en } from "./en/en.ts";
import { es } from "./es/es.ts";
import { fr } from "./fr/fr.ts";
import { ja } from "./ja/ja.ts";
import { zh } from "./zh/zh.ts";

/** The dictionaries that every server has, by language tags. The build makes a file of each. */
export const DICTIONARIES: Readonly<Record<string, Dictionary>> = { ar, de, en, es, fr, ja, zh };
