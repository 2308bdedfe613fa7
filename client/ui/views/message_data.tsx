import { useSignal } from "@preact/signals";
import type { Json, Message } from "../../comet/halley.ts";
import { strings } from "../i18n/chat_strings.ts";

/** Maximum number of characters of data that are drawn before the reader asks for more. */
const DRAWN_LENGTH = 4_000;

/** Data with more characters than this is drawn without indentation, which can make it a hundred times longer. */
const INDENTED_LENGTH = 1_000;

/** The data of a message. What is long is cut until the reader asks for the rest. */
export function MessageData({ data }: Required<Pick<Message, "data">>) {
  const isOpen = useSignal(false);
  const json = formatData(data);
  const isCut = json.length > DRAWN_LENGTH && !isOpen.value;
  return (
    <>
      <pre class="text">{isCut ? `${json.slice(0, DRAWN_LENGTH)}…` : json}</pre>
      {isCut && (
        <button type="button" class="quiet" onClick={() => isOpen.value = true}>
          {strings.value.showMore}
        </button>
      )}
    </>
  );
}

/** Data as JSON, indented if it is short. */
export function formatData(data: Json): string {
  const compact = JSON.stringify(data);
  return compact.length > INDENTED_LENGTH ? compact : JSON.stringify(data, null, 2);
}
