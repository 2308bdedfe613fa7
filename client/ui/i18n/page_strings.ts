import { computed } from "@preact/signals";
import { part } from "./dictionary.ts";

const [chat, tools, page] = [part("chat"), part("tools"), part("page")];

/** Sentences of the page, in its language. */
export const strings = computed(() => ({ ...chat.value, ...tools.value, ...page.value }));
