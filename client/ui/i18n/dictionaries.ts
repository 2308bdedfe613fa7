import type { Dictionary } from "./dictionary.ts";
import { en } from "./en/en.ts";
import { zh } from "./zh/zh.ts";

/** The dictionaries that every server has, by language tags. The build makes a file of each. */
export const DICTIONARIES: Readonly<Record<string, Dictionary>> = { en, zh };
