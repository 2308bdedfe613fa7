import type { Json } from "../../comet/halley.ts";
import { Fold } from "./fold.tsx";
import { type DataProps, DRAWN_LENGTH } from "./message_text.tsx";

/** Data with more characters than this is drawn without indentation, which can make it a hundred times longer. */
const INDENTED_LENGTH = 1_000;

/** The data of a message. What is long is cut and folded until the reader asks for the rest. */
export function FoldedData({ data }: DataProps) {
  const json = formatData(data);
  return (
    <Fold length={json.length} lines={json.split("\n").length}>
      {(isOpen) => (
        <pre class="text">
          {isOpen || json.length <= DRAWN_LENGTH ? json : `${json.slice(0, DRAWN_LENGTH)}…`}
        </pre>
      )}
    </Fold>
  );
}

/** Data as JSON, indented if it is short. */
export function formatData(data: Json): string {
  const compact = JSON.stringify(data);
  return compact.length > INDENTED_LENGTH ? compact : JSON.stringify(data, null, 2);
}
