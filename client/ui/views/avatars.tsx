import type { ComponentChildren } from "preact";
import type { Person } from "../../comet/halley.ts";
import type { Conversation } from "../state/conversation.ts";
import { hueOf, initialOf } from "./initials.ts";

/** Halley's logo. */
export function CometLogo() {
  return (
    <svg class="comet-logo" viewBox="0 0 32 32" aria-hidden="true">
      <path class="orbit" d="M3 22c4-13 15-19 24-17 6 2-1 16-14 21" />
      <path class="tail" d="M21 12C14 13 7 17 2.5 26 8 21 14 18 22.5 16z" />
      <circle class="head" cx="23" cy="13" r="4.5" />
    </svg>
  );
}

/** Shows the picture of a person over the initial, if the server has any. */
export const pictures: { show?: (person: Person) => ComponentChildren } = {};

/** A person's initial. The colour comes from the public token, so that people with the same name differ. */
export function Avatar({ person }: { readonly person: Person }) {
  return (
    <span class="avatar" style={{ "--hue": hueOf(person.publicToken) }} aria-hidden="true">
      {initialOf(person.displayName)}
      {pictures.show?.(person)}
    </span>
  );
}

/** The avatar of a direct conversation's other person, or the symbol of a room or of the notices. */
export function ConversationAvatar({ conversation }: { readonly conversation: Conversation }) {
  const { kind, other, otherToken = "" } = conversation;
  if (kind === "direct" || kind === "room" && other.value) {
    return <Avatar person={other.value ?? { publicToken: otherToken, displayName: "?" }} />;
  }
  return (
    <span class="room-avatar" data-kind={kind} aria-hidden="true">
      {kind === "room" ? "#" : "✦"}
    </span>
  );
}
