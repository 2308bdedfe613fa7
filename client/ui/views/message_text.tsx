import { signal } from "@preact/signals";

/** A part of a text: a link, or what stands between links. */
interface TextPart {
  readonly text: string;
  readonly href?: string | undefined;
}

/** What is recognized in texts. */
export interface TextTools {
  readonly parseLinks: (text: string) => readonly TextPart[];
  /** Whether a text is one to three emoji, which are shown large. */
  readonly isFewEmoji: (text: string) => boolean;
}

/** The page sets it before the first text is rendered, the widget when it has loaded them. */
export const textTools = signal<TextTools | undefined>(undefined);

/** A message's text with its links. A few emoji without other text are shown large. */
export function MessageText({ text }: { readonly text: string }) {
  const tools = textTools.value;
  const parts = tools?.parseLinks(text) ?? [{ text, href: undefined }];
  return (
    <p class="text" dir="auto" data-large={tools?.isFewEmoji(text) || undefined}>
      {parts.map(({ text, href }, index) =>
        href === undefined
          ? text
          : (
            <a key={index} href={href} target="_blank" rel="noopener noreferrer nofollow">
              {text}
            </a>
          )
      )}
    </p>
  );
}
