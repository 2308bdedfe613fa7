import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { findTransfer, useTransfer } from "../../comet/api.ts";
import type { Person } from "../../comet/halley.ts";
import type { ChatSession } from "../state/chat_session.ts";
import { Avatar, CometLogo } from "../views/avatars.tsx";
import { describeFailure, isInvalidCode, strings } from "./account_strings.ts";

interface ArrivalViewProps {
  readonly session: ChatSession;
  readonly url: URL;
  /** From the link of another device. */
  readonly code: string;
  readonly onDone: () => void;
}

/** Asks whether to continue the session of another device here. Opening the link changes nothing. */
export function ArrivalView({ session, url, code, onDone }: ArrivalViewProps) {
  const person = useSignal<Person>();
  const failure = useSignal("");
  const isInvalid = useSignal(false);
  const isBusy = useSignal(false);
  const attempt = async (work: () => Promise<void>) => {
    isBusy.value = true;
    failure.value = "";
    try {
      await work();
    } catch (error) {
      failure.value = describeFailure(error);
      isInvalid.value = isInvalidCode(error);
    }
    isBusy.value = false;
  };
  const find = () => attempt(async () => void (person.value = await findTransfer({ url, code })));
  const take = () =>
    attempt(async () => {
      await session.take(await useTransfer({ url, code }));
      onDone();
    });
  useEffect(() => void find(), []);
  const found = isInvalid.value ? undefined : person.value;
  const current = session.chat.value?.self;
  const isSame = found !== undefined && found.publicToken === current?.publicToken;
  const { otherDevice, checking, continueAs, alreadyHere, leaves, ...labels } = strings.value;
  return (
    <main class="sign-in">
      <div class="sign-in-form arrival">
        <header>
          <CometLogo />
          <h1>{otherDevice}</h1>
        </header>
        {found && (
          <p class="self-name">
            <Avatar person={found} />
            <strong dir="auto">
              {isSame ? alreadyHere({ name: found.displayName }) : found.displayName}
            </strong>
          </p>
        )}
        {found && !isSame && current && (
          <p class="notice-line">{leaves({ name: current.displayName })}</p>
        )}
        {failure.value && <p class="error-line" role="alert">{failure.value}</p>}
        {!found && !failure.value && <p class="hint" role="status">{checking}</p>}
        {found && !isSame && (
          <button type="button" class="primary" aria-busy={isBusy.value} onClick={take}>
            {continueAs({ name: found.displayName })}
          </button>
        )}
        {!found && failure.value && !isInvalid.value && (
          <button type="button" class="primary" onClick={find}>{labels.tryAgain}</button>
        )}
        <button type="button" class="secondary" onClick={onDone}>
          {isSame || isInvalid.value ? labels.done : labels.cancel}
        </button>
      </div>
    </main>
  );
}
