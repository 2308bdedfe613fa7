import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Person } from "../../comet/halley.ts";
import { strings } from "../i18n/page_strings.ts";
import type { Conversation } from "../state/conversation.ts";
import { beginsWith, typedName } from "../state/mention_text.ts";
import { choosePerson, mentionable } from "../state/mentions.ts";
import type { PageState } from "../state/page_state.ts";
import { Avatar } from "./avatars.tsx";
import { PersonName } from "./person_name.tsx";

/** Maximum number of people that are offered. */
const MAX_OFFERED = 8;

const LIST_ID = "mentionable";

interface MentionCompletionProps {
  readonly page: PageState;
  readonly conversation: Conversation;
  readonly field: RefObject<HTMLTextAreaElement | null>;
}

/**
 * Offers the people whose names begin with what is typed after `@`. The field keeps the focus: arrow keys move in the list,
 * Enter and Tab take a name, Escape closes the list.
 */
export function MentionCompletion({ page, conversation, field }: MentionCompletionProps) {
  const offered = useSignal<readonly Person[]>([]);
  const index = useSignal(0);
  const people = offered.value;
  const active = people[index.value];

  const update = () => {
    const { current } = field;
    const caret = current?.selectionStart ?? 0;
    const isOne = current !== null && document.activeElement === current &&
      caret === current.selectionEnd;
    const typed = isOne ? typedName(current.value, caret) : undefined;
    const all = typed === undefined ? [] : mentionable(conversation, page.people.present.peek())
      .filter(({ displayName }) => beginsWith(displayName, typed));
    // The name is complete.
    const isDone = all.length === 1 && all[0]?.displayName === typed;
    offered.value = isDone ? [] : all.slice(0, MAX_OFFERED);
    index.value = 0;
  };
  const take = (person: Person) => {
    const { current } = field;
    if (!current) return;
    const caret = current.selectionStart;
    const start = caret - (typedName(current.value, caret)?.length ?? 0);
    choosePerson(conversation.draft, person);
    current.setRangeText(`${person.displayName} `, start, caret, "end");
    conversation.draft.write(current.value);
    current.focus();
    offered.value = [];
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { length } = offered.peek();
    const person = offered.peek()[index.peek()];
    if (!person || event.isComposing || event.shiftKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown") index.value = (index.peek() + 1) % length;
    else if (event.key === "ArrowUp") index.value = (index.peek() + length - 1) % length;
    else if (event.key === "Enter" || event.key === "Tab") take(person);
    else if (event.key === "Escape") offered.value = [];
    else return;
    // The composer would send, and the page leave the field.
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  useField(field, { update, onKeyDown, close: () => offered.value = [] });
  useLayoutEffect(() => {
    const { current } = field;
    setAttribute(current, "aria-controls", active && LIST_ID);
    setAttribute(current, "aria-activedescendant", active && `${LIST_ID}-${index.value}`);
  });

  if (!active) return null;
  return (
    <ul id={LIST_ID} class="mentionable" role="listbox" aria-label={strings.value.mentionSomebody}>
      {people.map((person, n) => (
        <li
          key={person.publicToken}
          id={`${LIST_ID}-${n}`}
          role="option"
          aria-selected={n === index.value}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() =>
            take(person)}
        >
          <Avatar person={person} />
          <PersonName person={person} names={conversation.names} />
        </li>
      ))}
    </ul>
  );
}

interface FieldListeners {
  readonly update: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly close: () => void;
}

/** Listens to a field before its own component does. */
function useField(field: RefObject<HTMLTextAreaElement | null>, listeners: FieldListeners): void {
  const current = useRef(listeners);
  current.current = listeners;
  useEffect(() => {
    const aborter = new AbortController();
    const { signal } = aborter;
    const element = field.current;
    const update = () => current.current.update();
    element?.setAttribute("aria-autocomplete", "list");
    element?.addEventListener("input", update, { signal });
    element?.addEventListener("click", update, { signal });
    element?.addEventListener("blur", () => current.current.close(), { signal });
    element?.addEventListener("keydown", (event) => current.current.onKeyDown(event), {
      signal,
      capture: true,
    });
    element?.addEventListener("keyup", ({ key }) => {
      if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(key)) update();
    }, { signal });
    return () => aborter.abort();
  }, []);
}

function setAttribute(element: Element | null, name: string, value: string | undefined): void {
  if (value === undefined) element?.removeAttribute(name);
  else element?.setAttribute(name, value);
}
