import { signal } from "@preact/signals";
import type { ComponentChildren, ComponentType } from "preact";
import type { Json } from "../../comet/halley.ts";

/** Replaces parts of a plain text, such as names, by elements. */
export type ShowSpans = (text: string) => ComponentChildren;

export interface TextProps {
  readonly text: string;
  /** For what is neither a link nor code. */
  readonly showSpans?: ShowSpans | undefined;
}

export interface DataProps {
  readonly data: Json;
}

/** Shows texts with links and marks, and data that can be unfolded. */
export interface RichViews {
  readonly Text: ComponentType<TextProps>;
  readonly Data: ComponentType<DataProps>;
}

/** The page sets it before the first message is rendered, the widget when it has loaded it. */
export const richViews = signal<RichViews>();

/** Maximum number of characters of data that are drawn before the reader asks for more. */
export const DRAWN_LENGTH = 4_000;

/** A message's text. Until `richViews` are there, it is shown as it is. */
export function MessageText(props: TextProps) {
  const Text = richViews.value?.Text ?? PlainText;
  return <Text {...props} />;
}

function PlainText({ text }: TextProps) {
  return <p class="text" dir="auto">{text}</p>;
}

/** The data of a message that has no text. */
export function MessageData({ data }: DataProps) {
  const Data = richViews.value?.Data ?? PlainData;
  return <Data data={data} />;
}

function PlainData({ data }: DataProps) {
  return <pre class="text">{JSON.stringify(data).slice(0, DRAWN_LENGTH)}</pre>;
}
