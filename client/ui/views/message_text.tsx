import { parseReply } from "../state/quotation.ts";
import { parseLinks } from "./linkify.ts";

/** Maximum length of a text that is checked: one emoji can have many UTF-16 code units, but three of them have fewer. */
const MAX_EMOJI_LENGTH = 64;

/**
 * One to three emoji: flags, keycaps, and pictures with modifiers, tags and what is joined to them. Not with
 * `Intl.Segmenter`, which Firefox 115 lacks.
 */
const FEW_EMOJI =
  /^(?:\p{RI}{1,2}|[\d#*]\uFE0F?\u20E3|(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}(?=[\uFE0F\u{1F3FB}-\u{1F3FF}\u200D]))[\uFE0F\p{Emoji_Modifier}\u{E0020}-\u{E007F}]*(?:\u200D\p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}]*)*){1,3}$/u;

/** A message's text with its quotation and its links. A few emoji without other text are shown large. */
export function MessageText({ text }: { readonly text: string }) {
  const { quotation, answer } = parseReply(text);
  return (
    <>
      {quotation && (
        <blockquote class="quotation">
          <cite dir="auto">{quotation.author}</cite>
          <p dir="auto">{quotation.text}</p>
        </blockquote>
      )}
      <p class="text" dir="auto" data-large={isFewEmoji(answer) || undefined}>
        {parseLinks(answer).map(({ text, href }, index) =>
          href === undefined
            ? text
            : (
              <a key={index} href={href} target="_blank" rel="noopener noreferrer nofollow">
                {text}
              </a>
            )
        )}
      </p>
    </>
  );
}

function isFewEmoji(text: string): boolean {
  return text.length <= MAX_EMOJI_LENGTH && FEW_EMOJI.test(text.replace(/\s/g, ""));
}
