import type { ComponentChildren } from "preact";
import { isFewEmoji } from "./few_emoji.ts";
import { Fold } from "./fold.tsx";
import { parseLinks } from "./linkify.ts";
import type { ShowSpans, TextProps } from "./message_text.tsx";

/** A text with its links. A few emoji without other text are shown large, and a long text is folded. */
export function RichText({ text, showSpans }: TextProps) {
  return (
    <Fold length={text.length} lines={text.split("\n").length}>
      {() => (
        <p class="text" dir="auto" data-large={isFewEmoji(text) || undefined}>
          {showLinks(text, showSpans)}
        </p>
      )}
    </Fold>
  );
}

function showLinks(text: string, showSpans: ShowSpans = (span) => span): ComponentChildren {
  return parseLinks(text).map(({ text, href }, index) =>
    href === undefined ? showSpans(text) : <Link key={index} href={href} text={text} />
  );
}

/** A link opens in a new tab. It is read from left to right, whatever the direction of the text around it. */
function Link({ href, text }: { readonly href: string; readonly text: string }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" dir="ltr" tabIndex={-1}>
      {text}
    </a>
  );
}
