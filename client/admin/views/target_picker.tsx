import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { LiveSession } from "../../../server/protocol/admin_replies.ts";
import { isPublicToken } from "../../../server/protocol/channel.ts";
import type { Person } from "../../../server/protocol/message.ts";
import { Avatar } from "../../ui/views/avatars.tsx";
import { strings } from "../i18n/admin_strings.ts";
import type { AdminState } from "../state/admin_state.ts";
import { type Target, type TargetKind, targetOf } from "../state/target.ts";

interface TargetPickerProps {
  /** The id of the first field. */
  readonly id: string;
  readonly label: string;
  readonly kinds: readonly TargetKind[];
  readonly admin: AdminState;
  readonly target: Signal<Target>;
}

/** Chooses what an action is about: first of which kind it is, then which one. */
export function TargetPicker({ id, label, kinds, admin, target }: TargetPickerProps) {
  const { targetKinds } = strings.value;
  const { kind } = target.value;
  return (
    <>
      <label for={id}>{label}</label>
      <select
        id={id}
        value={kind}
        onChange={({ currentTarget: { value } }) => {
          const chosen = kinds.find((option) => option === value);
          const { address = "" } = target.value;
          if (chosen === undefined) return;
          target.value = { kind: chosen, name: chosen === "address" ? address : "", address };
        }}
      >
        {kinds.map((option) => <option key={option} value={option}>{targetKinds[option]}</option>)}
      </select>
      {kind === "session"
        ? <PersonField id={id} admin={admin} target={target} />
        : kind !== "everyone" && <NameField kind={kind} target={target} />}
    </>
  );
}

interface NameFieldProps {
  readonly kind: "user" | "room" | "address";
  readonly target: Signal<Target>;
}

function NameField({ kind, target }: NameFieldProps) {
  const label = strings.value.targetFields[kind];
  return (
    <input
      aria-label={label}
      placeholder={label}
      dir="auto"
      spellcheck={false}
      autoComplete="off"
      value={target.value.name}
      onInput={(event) => target.value = { kind, name: event.currentTarget.value }}
    />
  );
}

type PersonFieldProps = Pick<TargetPickerProps, "id" | "admin" | "target">;

/** Finds a person who is online by a part of the name, or takes a public token. */
function PersonField({ id, admin, target }: PersonFieldProps) {
  const { findPerson, nobodyFound, chooseOther } = strings.value;
  const search = useSignal("");
  const found = useSignal<readonly LiveSession[]>([]);
  const { name, displayName = "" } = target.value;
  useEffect(() => {
    if (search.value === "") return;
    let isCurrent = true;
    admin.findPeople(search.value).then((people) => {
      if (isCurrent) found.value = people;
    });
    return () => {
      isCurrent = false;
    };
  }, [search.value]);
  if (name !== "") {
    return (
      <p class="chosen">
        <Choice person={{ publicToken: name, displayName }} />
        <button
          type="button"
          class="quiet"
          onClick={() => {
            target.value = { kind: "session", name: "" };
            document.getElementById(id)?.focus();
          }}
        >
          {chooseOther}
        </button>
      </p>
    );
  }
  const choose = (person: Person) => {
    target.value = targetOf(person);
    search.value = "";
    document.getElementById(id)?.focus();
  };
  const isKnown = found.value.some(({ publicToken }) => publicToken === search.value);
  const people: readonly Person[] = isPublicToken(search.value) && !isKnown
    ? [{ publicToken: search.value, displayName: "" }]
    : found.value;
  return (
    <>
      <input
        type="search"
        aria-label={findPerson}
        placeholder={findPerson}
        spellcheck={false}
        value={search.value}
        onInput={(event) => search.value = event.currentTarget.value.trim()}
      />
      {search.value !== "" && (
        <ul class="found" aria-label={findPerson}>
          {people.map((person) => (
            <li key={person.publicToken}>
              <button type="button" onClick={() => choose(person)}>
                <Choice person={person} />
              </button>
            </li>
          ))}
          {people.length === 0 && <li class="hint">{nobodyFound}</li>}
        </ul>
      )}
    </>
  );
}

function Choice({ person }: { readonly person: Person }) {
  return (
    <span class="choice">
      <Avatar person={person} />
      <span>
        {person.displayName && <bdi class="name">{person.displayName}</bdi>}{" "}
        <code>{person.publicToken}</code>
      </span>
    </span>
  );
}
