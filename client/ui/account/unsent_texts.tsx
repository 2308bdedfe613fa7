import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Unsent } from "../state/unsent.ts";
import { copyText } from "../views/message_actions.tsx";
import { strings } from "./account_strings.ts";

/** The unsent texts of sessions that have ended, until the user discards them. */
export function UnsentTexts({ unsent }: { readonly unsent: Unsent }) {
  const section = useRef<HTMLElement>(null);
  const isCopied = useSignal(false);
  const texts = unsent.texts.value;
  const copy = async () => {
    const all = texts.map(({ title, text }) => title ? `${title}:\n${text}` : text).join("\n\n");
    isCopied.value = section.current !== null && await copyText(all, section.current);
  };
  const { unsent: title, unsentHint, copyAll, copied, discard } = strings.value;
  return (
    <section ref={section} class="unsent" tabIndex={-1}>
      <h2>{title}</h2>
      <p class="hint">{unsentHint}</p>
      <ul tabIndex={0} aria-label={title}>
        {texts.map(({ key, title, text }) => (
          <li key={key}>
            {title && <strong dir="auto">{title}</strong>}
            <p dir="auto">{text}</p>
          </li>
        ))}
      </ul>
      <div class="buttons">
        <button type="button" class="secondary" onClick={copy}>
          <span aria-live="polite">{isCopied.value ? copied : copyAll}</span>
        </button>
        <button type="button" class="quiet" onClick={() => unsent.discard()}>{discard}</button>
      </div>
    </section>
  );
}
