import { useSignal } from "@preact/signals";
import type { TargetedEvent } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { type Emoji, type EmojiGroup, loadEmoji, matching } from "./emoji_data.ts";
import { strings } from "./emoji_strings.ts";
import { recentEmoji, rememberEmoji } from "./recent_emoji.ts";
import { chooseTone, chosenTone, inChosenTone, SKIN_TONES, withoutTone } from "./skin_tone.ts";
import { arrowStep } from "../views/arrow_keys.ts";

interface EmojiGridProps {
  /** Where the emoji are loaded from. */
  readonly url: string;
  readonly onPick: (emoji: string) => void;
  readonly onClose: () => void;
}

/**
 * A search field above all emoji, the ones that were picked last first. Arrow keys move in the grid while the field has the
 * focus, Enter picks.
 */
export function EmojiGrid({ url, onPick, onClose }: EmojiGridProps) {
  const list = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const all = useSignal<readonly EmojiGroup[]>([]);
  const query = useSignal("");
  const active = useSignal(0);
  const tone = useSignal(chosenTone());
  useEffect(() => {
    loadEmoji(url).then((groups) => all.value = groups, onClose);
  }, [url]);
  useLayoutEffect(() => {
    if (matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, []);
  const { emoji: label, searchEmoji, noEmoji, recent, skinTone } = strings.value;
  const groups = useMemo(() => shownGroups(all.value, query.value, recent), [
    all.value,
    query.value,
    recent,
    tone.value,
  ]);
  const options = () => [...list.current?.querySelectorAll<HTMLElement>("[role=option]") ?? []];
  useLayoutEffect(() => {
    const option = options()[active.value];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    field.current?.setAttribute("aria-activedescendant", option?.id ?? "");
    return () => option?.setAttribute("aria-selected", "false");
  }, [groups, active.value]);
  const pick = (emoji: string | null | undefined) => {
    if (!emoji) return;
    rememberEmoji(emoji);
    onPick(emoji);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    // Neither the list of messages nor the page shall see them.
    event.stopPropagation();
    if (event.target !== field.current) return;
    const next = moved(options(), active.value, event.key);
    if (event.key === "Enter") pick(options()[active.value]?.textContent);
    else if (next !== undefined) active.value = next;
    else return;
    event.preventDefault();
  };
  const onInput = ({ currentTarget }: TargetedEvent<HTMLInputElement>) => {
    query.value = currentTarget.value;
    active.value = 0;
  };
  const onClick = ({ target }: Event) =>
    pick(target instanceof Element ? target.closest("[role=option]")?.textContent : undefined);
  return (
    <div class="emoji-grid" onKeyDown={onKeyDown}>
      <input
        ref={field}
        type="search"
        role="combobox"
        list={undefined}
        aria-label={searchEmoji}
        aria-expanded="true"
        aria-autocomplete="list"
        aria-controls="emoji-list"
        placeholder={searchEmoji}
        onInput={onInput}
      />
      <div ref={list} id="emoji-list" role="listbox" aria-label={label} onClick={onClick}>
        {useMemo(() => groups.map((group, index) => <Group key={index} {...{ group, index }} />), [
          groups,
        ])}
      </div>
      <select
        aria-label={skinTone}
        title={skinTone}
        value={tone.value}
        onChange={({ currentTarget }) => chooseTone(tone.value = currentTarget.value)}
      >
        {["", ...SKIN_TONES].map((one) => <option key={one} value={one}>✋{one}</option>)}
      </select>
      {groups.length === 0 && all.value.length > 0 && <p class="hint" role="status">{noEmoji}</p>}
    </div>
  );
}

interface GroupProps {
  readonly group: EmojiGroup;
  readonly index: number;
}

function Group({ group: { name, emoji }, index }: GroupProps) {
  return (
    <div role="group" aria-label={name}>
      <p aria-hidden="true">{name}</p>
      {emoji.map(({ emoji, label }, n) => (
        <span
          key={emoji}
          id={`emoji-${index}-${n}`}
          role="option"
          aria-selected="false"
          aria-label={label}
          title={label}
        >
          {emoji}
        </span>
      ))}
    </div>
  );
}

function shownGroups(
  all: readonly EmojiGroup[],
  query: string,
  recent: string,
): readonly EmojiGroup[] {
  const everything = all.flatMap(({ emoji }) => emoji.map(inChosenTone));
  if (query.trim() !== "") {
    const emoji = matching(everything, query);
    return emoji.length > 0 ? [{ name: query, emoji }] : [];
  }
  const known = new Map(everything.map((one) => [withoutTone(one.emoji), one]));
  const emoji = [...new Set(recentEmoji().map(withoutTone))]
    .flatMap((one): Emoji | [] => known.get(one) ?? []);
  const groups = all.map(({ name, emoji }) => ({ name, emoji: emoji.map(inChosenTone) }));
  return emoji.length > 0 ? [{ name: recent, emoji }, ...groups] : groups;
}

/** The option that an arrow key leads to; undefined for other keys. */
function moved(options: readonly HTMLElement[], from: number, key: string): number | undefined {
  const limit = (index: number) => Math.max(0, Math.min(options.length - 1, index));
  const start = options[from];
  const across = start ? arrowStep(key, start) : 0;
  if (across !== 0) return limit(from + across);
  const step = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
  if (step === 0 || !start) return step === 0 ? undefined : from;
  // The nearest one of the next row.
  let row: number | undefined;
  let nearest = from;
  for (let n = from + step; n >= 0 && n < options.length; n += step) {
    const option = options[n];
    if (!option || option.offsetTop === start.offsetTop) continue;
    row ??= option.offsetTop;
    if (option.offsetTop !== row) break;
    const distance = (one: HTMLElement | undefined) =>
      Math.abs((one?.offsetLeft ?? Infinity) - start.offsetLeft);
    if (nearest === from || distance(option) < distance(options[nearest])) nearest = n;
  }
  return nearest;
}
