import { isBelow } from "../../../server/protocol/room_pattern.ts";
import type { Person } from "../../comet/halley.ts";
import { directAddress, parseRoom, roomName } from "../state/address.ts";
import type { Conversation } from "../state/conversation.ts";
import { byNewest } from "../state/by_newest.ts";
import { compareNames, folded, hasWords } from "../state/name_search.ts";
import type { PageState } from "../state/page_state.ts";

/** Where the switcher leads. */
export type Destination =
  | { readonly kind: "conversation"; readonly name: string; readonly conversation: Conversation }
  | { readonly kind: "visitor"; readonly name: string; readonly channel: string }
  | { readonly kind: "person"; readonly name: string; readonly person: Person }
  | { readonly kind: "room"; readonly name: string; readonly present: number }
  | { readonly kind: "join"; readonly name: string }
  /** The search for messages with these words. */
  | { readonly kind: "search"; readonly name: string };

/** Maximum number of destinations that are shown. */
const SHOWN = 30;

interface DestinationsOptions {
  readonly page: PageState;
  readonly people: readonly Person[];
  readonly search: string;
  readonly titleOf: (conversation: Conversation) => string;
}

/** What a search finds, the best first, and ways to join a room and to search messages; without a search, the conversations that were selected last. */
export function destinationsFor(
  { page, people, search, titleOf }: DestinationsOptions,
): readonly Destination[] {
  const { chat, recent, inbox, activeRooms } = page;
  const { all, selected } = chat.conversations;
  const newestFirst = byNewest(all.value);
  const self = chat.self.publicToken;
  const others = newestFirst.filter((one) => !recent.includes(one));
  // The selected one comes last: nobody wants to go there.
  const [first, ...before] = recent.filter((one) => newestFirst.includes(one));
  const sorted = first === selected.value
    ? [...before, ...others, ...(first ? [first] : [])]
    : [...(first ? [first] : []), ...before, ...others];
  const conversations = sorted.map((conversation): Destination => ({
    kind: "conversation",
    name: titleOf(conversation),
    conversation,
  }));
  if (search.trim() === "") return conversations.slice(0, SHOWN);
  const isOpen = (channel: string) => chat.conversations.find(channel) !== undefined;
  const found: Destination[] = [
    ...conversations,
    ...inbox.sections.value.flatMap(({ open }) => open).filter(({ channel }) => !isOpen(channel))
      .map(({ channel, visitor }): Destination => ({
        kind: "visitor",
        name: visitor?.displayName ?? roomName(channel),
        channel,
      })),
    ...people
      .filter(({ publicToken }) =>
        publicToken !== self && !isOpen(directAddress(self, publicToken))
      )
      .sort((one, other) => compareNames(one.displayName, other.displayName))
      .map((person): Destination => ({ kind: "person", name: person.displayName, person })),
    ...activeRooms.value.filter(({ channel }) => !isOpen(channel) && !isInInbox(page, channel))
      .map(({ channel, present }): Destination => ({
        kind: "room",
        name: roomName(channel),
        present,
      })),
  ].filter(({ name }) => hasWords([name], search.trim().replace(/^#/, "")));
  const best = found.map((one, n) => ({ one, n, rank: rankOf(one.name, search) }))
    .sort((one, other) => one.rank - other.rank || one.n - other.n)
    .slice(0, SHOWN).map(({ one }) => one);
  const channel = parseRoom(search);
  const isKnown = channel === undefined || isOpen(channel) ||
    best.some((one) => isRoom(one) && folded(one.name) === folded(roomName(channel)));
  return [
    ...best,
    ...isKnown ? [] : [{ kind: "join", name: roomName(channel) } as const],
    { kind: "search", name: search.trim() },
  ];
}

/** Where the page goes by itself. */
export type Place = Exclude<Destination, { readonly kind: "search" }>;

/** Goes there. */
export function goTo(page: PageState, destination: Place): void {
  switch (destination.kind) {
    case "conversation":
      return page.select(destination.conversation);
    case "visitor":
      return void page.go(destination.channel);
    case "person":
      return page.openDirect(destination.person);
    default:
      return void page.joinRoom(destination.name);
  }
}

function isRoom(destination: Destination): boolean {
  return destination.kind === "room" ||
    destination.kind === "conversation" && destination.conversation.kind === "room";
}

function isInInbox({ chat }: PageState, channel: string): boolean {
  return chat.patterns.value.some((pattern) => isBelow(pattern, channel));
}

/** The name itself comes first, then names that begin with the search, then those of which a word does. */
function rankOf(name: string, search: string): number {
  const [whole, part] = [folded(name), folded(search.trim().replace(/^#/, ""))];
  if (whole === part) return -1;
  if (whole.startsWith(part)) return 0;
  return whole.split(/[\s._-]+/).some((word) => word.startsWith(part)) ? 1 : 2;
}
