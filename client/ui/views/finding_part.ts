import type * as findingModule from "../finding/finding.ts";
import { PagePart } from "./page_part.ts";

/** The dialogs with the ways to a conversation. */
export const finding = new PagePart<typeof findingModule>("finding");
