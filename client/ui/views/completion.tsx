import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Draft } from "../state/draft.ts";

/** What can replace a word before the caret. */
export interface Candidate {
  readonly key: string;
  readonly view: ComponentChildren;
  /** What it is replaced by. */
  readonly text: string;
  readonly onPick?: () => void;
}

/** What words are completed, and by what. */
export interface CompletionSource {
  /** Matches the text before the caret if it ends with a word to complete; the first group is that word with its sign. */
  readonly pattern: RegExp;
  /** The name of the list for screen readers. */
  readonly label: string;
  readonly find: (word: string) => readonly Candidate[] | Promise<readonly Candidate[]>;
}

interface CompletionProps {
  readonly draft: Draft;
  /** The same array in each rendering. */
  readonly sources: readonly CompletionSource[];
}

interface OpenList {
  readonly source: CompletionSource;
  readonly candidates: readonly Candidate[];
  readonly active: number;
  /** Where the word begins and ends. */
  readonly start: number;
  readonly end: number;
}

/**
 * A list of what can replace the word before the caret, in the composer that stands beside it. Arrow keys move in the list,
 * Enter and Tab pick, Escape closes it.
 */
export function Completion({ draft, sources }: CompletionProps) {
  const box = useRef<HTMLDivElement>(null);
  const list = useSignal<OpenList>();
  const field = () => box.current?.parentElement?.querySelector("textarea") ?? undefined;
  const pick = (candidate: Candidate | undefined) => {
    const shown = list.value;
    const textarea = field();
    list.value = undefined;
    if (!candidate || !shown || !textarea) return;
    replaceText(textarea, draft, { ...shown, text: candidate.text });
    candidate.onPick?.();
  };
  const move = (active: number) => list.value = list.value && { ...list.value, active };
  useLayoutEffect(() => {
    const textarea = field();
    if (!textarea) return;
    const aborter = new AbortController();
    const { signal } = aborter;
    let updates = 0;
    const update = async () => {
      const number = ++updates;
      const found = await openList(textarea, sources);
      if (number !== updates || signal.aborted) return;
      list.value = found;
    };
    const close = () => {
      updates++;
      list.value = undefined;
    };
    const onKeyDown = (event: KeyboardEvent) => {
      const shown = list.value;
      if (!shown || event.isComposing || event.ctrlKey || event.metaKey) return;
      const { candidates, active } = shown;
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      if (step !== 0) {
        move((active + step + candidates.length) % candidates.length);
      } else if (event.key === "Escape") close();
      else if (event.key === "Tab" || event.key === "Enter") {
        if (event.shiftKey) return close();
        updates++;
        pick(candidates[active]);
      } else return;
      event.preventDefault();
      // The composer would send the text.
      event.stopImmediatePropagation();
    };
    textarea.addEventListener("input", update, { signal });
    textarea.addEventListener("click", update, { signal });
    textarea.addEventListener("blur", close, { signal });
    textarea.addEventListener("keyup", ({ key }) => {
      if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(key)) update();
    }, { signal });
    textarea.addEventListener("keydown", onKeyDown, { signal, capture: true });
    return () => aborter.abort();
  }, [draft, sources]);
  const shown = list.value;
  useLayoutEffect(() => describeList(field(), shown), [shown]);
  return (
    <div ref={box} class="completion-box">
      {shown && (
        <ul id="completion" class="completion" role="listbox" aria-label={shown.source.label}>
          {shown.candidates.map((candidate, index) => (
            <li
              key={candidate.key}
              id={optionId(index)}
              role="option"
              aria-selected={index === shown.active}
              // The field keeps the focus.
              onPointerMove={() => shown.active === index || move(index)}
              onPointerDown={(event) =>
                event.preventDefault()}
              onClick={() =>
                pick(candidate)}
            >
              {candidate.view}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Replaces a part of what stands in the composer, and puts the caret behind it. */
export function replaceText(
  field: HTMLTextAreaElement,
  draft: Draft,
  { start, end, text }: Replacement,
): void {
  field.focus();
  field.setRangeText(text, start, end, "end");
  draft.write(field.value);
}

async function openList(
  field: HTMLTextAreaElement,
  sources: readonly CompletionSource[],
): Promise<OpenList | undefined> {
  const { value, selectionStart: end, selectionEnd } = field;
  if (end !== selectionEnd) return undefined;
  for (const source of sources) {
    const word = source.pattern.exec(value.slice(0, end))?.[1];
    if (word === undefined) continue;
    const candidates = await source.find(word);
    // What no name begins with can end with that of an emoji.
    if (candidates.length === 0) continue;
    return { source, candidates, active: 0, start: end - word.length, end };
  }
}

/** Tells screen readers which candidate Enter would pick. */
function describeList(field: HTMLTextAreaElement | undefined, shown: OpenList | undefined): void {
  if (!field) return;
  field.setAttribute("aria-autocomplete", "list");
  const attributes = {
    "aria-controls": "completion",
    "aria-activedescendant": optionId(shown?.active),
  };
  for (const [name, value] of Object.entries(attributes)) {
    if (shown) field.setAttribute(name, value);
    else field.removeAttribute(name);
  }
  document.getElementById(optionId(shown?.active))?.scrollIntoView({ block: "nearest" });
}

function optionId(index: number | undefined): string {
  return `completion-${index}`;
}
