import { signal, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { isRecord } from "../../../server/protocol/guards.ts";
import { randomKey } from "../../comet/random_key.ts";
import { strings as chatStrings } from "../../ui/i18n/chat_strings.ts";
import { clockOffset } from "../../ui/state/clock_offset.ts";
import type { ChatSession } from "../../ui/state/chat_session.ts";
import type { Contact } from "../../ui/state/contact.ts";
import { localValue } from "../../ui/storage/stored_value.ts";
import { strings } from "./more_strings.ts";
import { isWithinHours } from "./office_hours.ts";

interface AwayFormProps {
  readonly session: ChatSession;
  /** What the key begins with under which the form is kept until it is sent. */
  readonly storageKey: string;
  /** Closes the chat. */
  readonly onClose: () => void;
}

/** The idempotency key stays the same until the form is sent, whatever page that happens on. */
interface StoredForm extends Contact {
  readonly key: string;
}

/** Of the page: the form moves when its sender is signed in. */
const form = signal<StoredForm>();
const state = signal<"closed" | "open" | "sending" | "failed" | "sent">("closed");

/** Whether it is outside the office hours. Hours that are not valid are told to the developer of the page, once. */
export function isAway(hours: string): boolean {
  const isWithin = isWithinHours(hours, Date.now() + clockOffset.value);
  if (isWithin === undefined && !isTold) {
    isTold = true;
    console.error(
      `Halley: data-hours="${hours}" is not valid: write, for example, "Mo-Fr 9:00-17:00 Europe/Berlin"`,
    );
  }
  return isWithin === false;
}

let isTold = false;

/** Above the composer outside the office hours: leads to the form. */
export function AwayNotice(props: AwayFormProps) {
  const { away, leaveAddress, sent } = strings.value;
  if (state.value === "sent") {
    return <p class="notice-line" role="status">{sent({ address: form.value?.address ?? "" })}</p>;
  }
  if (state.value !== "closed") return <AwayForm {...props} />;
  return (
    <p class="notice-line">
      {away}{" "}
      <button type="button" class="secondary" onClick={() => state.value = "open"}>
        {leaveAddress}
      </button>
    </p>
  );
}

/** Minimum number of digits of a phone number. */
const PHONE_DIGITS = 6;

/** Whether an answer can reach this address: an email address, as the browser checks it, or a phone number. */
function isAddress(text: string): boolean {
  const email = Object.assign(document.createElement("input"), { type: "email", value: text });
  const digits = text.match(/\p{Nd}/gu) ?? [];
  return text.includes("@") ? email.checkValidity() : digits.length >= PHONE_DIGITS;
}

/** Outside the office hours, a visitor leaves a name, an address and a text, which are sent as one message. */
export function AwayForm({ session, storageKey, onClose }: AwayFormProps) {
  const element = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => {
    // The button that had the focus is gone.
    if (state.peek() === "open") element.current?.querySelector("input")?.focus();
  }, []);
  const stored = localValue(`${storageKey}.form`, isStoredForm);
  form.value ??= stored.read() ?? { name: "", address: "", text: "", key: randomKey() };
  const isInvalid = useSignal(false);
  const { away, address, invalidAddress, question } = strings.value;
  const { yourName, send, serverUnreachable, signingIn } = chatStrings.value;
  const isSignedIn = session.chat.value !== undefined;
  const written = form.value;
  const write = (change: Partial<Contact>) => {
    form.value = { ...written, ...change };
    stored.write(form.value);
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    const { key, ...fields } = written;
    const data = { ...fields, address: fields.address.trim() };
    write(data);
    isInvalid.value = !isAddress(data.address);
    if (isInvalid.value) {
      return element.current?.querySelector<HTMLElement>("[name=address]")?.focus();
    }
    state.value = "sending";
    try {
      if (!session.chat.peek()) await session.signIn(data.name.trim());
      const chat = session.chat.peek();
      const room = chat?.conversations.home;
      if (!chat || !room) throw new Error("Not signed in");
      const contact = { ...data, name: data.name || chat.self.displayName };
      await chat.client.send({ channel: room.channel, data: contact, key });
      stored.write(undefined);
      // The form disappears with the focus.
      element.current?.closest<HTMLElement>(".panel")?.focus();
      state.value = "sent";
    } catch {
      state.value = "failed";
    }
  };
  return (
    <form ref={element} class="sign-in-form away-form" onSubmit={submit}>
      <p>{away}</p>
      {!isSignedIn && (
        <label>
          {yourName}
          <input
            name="name"
            autoComplete="name"
            dir="auto"
            required
            pattern=".*\S.*"
            value={written.name}
            onInput={({ currentTarget }) => write({ name: currentTarget.value })}
          />
        </label>
      )}
      <label>
        {address}
        <input
          name="address"
          autoComplete="email"
          dir="auto"
          required
          aria-invalid={isInvalid.value}
          value={written.address}
          onInput={({ currentTarget }) => {
            isInvalid.value = false;
            write({ address: currentTarget.value });
          }}
        />
        {isInvalid.value && <span class="error-line" role="alert">{invalidAddress}</span>}
      </label>
      <label>
        {question}
        <textarea
          name="text"
          dir="auto"
          required
          rows={4}
          value={written.text}
          onInput={({ currentTarget }) => write({ text: currentTarget.value })}
          // The panel leaves it to text areas what Escape does.
          onKeyDown={({ key, isComposing }) => key === "Escape" && !isComposing && onClose()}
        />
      </label>
      {state.value === "failed" && <p class="error-line" role="alert">{serverUnreachable}</p>}
      <button type="submit" class="primary" disabled={state.value === "sending"}>
        {state.value === "sending" ? signingIn : send}
      </button>
    </form>
  );
}

function isStoredForm(value: unknown): value is StoredForm {
  return isRecord(value) &&
    [value.name, value.address, value.text, value.key].every((one) => typeof one === "string");
}
