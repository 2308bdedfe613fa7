import type { Message, Person } from "../../comet/halley.ts";
import { strings } from "../i18n/page_strings.ts";
import { kindOf } from "../state/address.ts";
import { textOf } from "../state/contact.ts";
import { withoutMarks } from "./marks.ts";

/** Maximum length of a preview; the style sheet cuts it off where the line ends. */
export const PREVIEW_LENGTH = 100;

/** A message in one line, with its sender in a room; not if that is the `other` one, by whose name the room is shown. */
export function summarize(
  message: Message,
  { self, other }: { readonly self: Person; readonly other?: Person | undefined },
): string {
  const { channel, from, title, event } = message;
  if (event !== undefined) {
    return strings.value.roomEvents[event]({ name: from?.displayName ?? "" });
  }
  const summary = (title ?? withoutMarks(textOf(message))).slice(0, PREVIEW_LENGTH);
  if (from?.publicToken === self.publicToken) return `${strings.value.you}: ${summary}`;
  const isOther = from?.publicToken === other?.publicToken;
  return kindOf(channel) === "room" && from && !isOther
    ? `${from.displayName}: ${summary}`
    : summary;
}
