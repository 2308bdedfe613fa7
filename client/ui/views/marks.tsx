import type { Person } from "../../comet/halley.ts";

const HUES = 8;

/** The comet that comes back. */
export function CometMark() {
  return (
    <svg class="comet-mark" viewBox="0 0 32 32" aria-hidden="true">
      <path class="orbit" d="M3 22c4-13 15-19 24-17 6 2-1 16-14 21" />
      <path class="tail" d="M21 12C14 13 7 17 2.5 26 8 21 14 18 22.5 16z" />
      <circle class="head" cx="23" cy="13" r="4.5" />
    </svg>
  );
}

/** A coloured initial, by which people of the same name are told apart. */
export function PersonMark({ person }: { readonly person: Person }) {
  return (
    <span class="person-mark" data-hue={hueOf(person.publicToken)} aria-hidden="true">
      {initialOf(person.displayName)}
    </span>
  );
}

function initialOf(name: string): string {
  const [first = "?"] = new Intl.Segmenter().segment(name.trim());
  return typeof first === "string" ? first : first.segment.toUpperCase();
}

/** FNV-1a, whose upper bits are the better ones. */
function hueOf(publicToken: string): number {
  let hash = 0x811c9dc5;
  for (const character of publicToken) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  }
  return (hash >>> 16) % HUES;
}
