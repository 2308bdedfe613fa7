import type * as accountModule from "../account/account.ts";
import { PagePart } from "./page_part.ts";

/** What can be done with an identity. */
export const account = new PagePart<typeof accountModule>("account");
