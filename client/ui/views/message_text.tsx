import { parseReply } from "../state/quotation.ts";
import { linkParser } from "./link_parser.ts";

/** Maximum number of emoji in a message that shows them large. */
const MAX_LARGE_EMOJI = 3;

/** Maximum length of such a message: one emoji can have many UTF-16 code units, but three of them have fewer. */
const MAX_EMOJI_LENGTH = 64;

const EMOJI =
  /^(\p{RI}|\p{Emoji_Presentation}|\p{Extended_Pictographic}[\uFE0F\u{1F3FB}-\u{1F3FF}\u200D]|[\d#*]\uFE0F?\u20E3)/u;

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
        {linkParser.value(answer).map(({ text, href }, index) =>
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
  if (text.length > MAX_EMOJI_LENGTH) return false;
  const segments = [...new Intl.Segmenter().segment(text.replace(/\s/g, ""))];
  return segments.length > 0 && segments.length <= MAX_LARGE_EMOJI &&
    segments.every(({ segment }) => EMOJI.test(segment));
}
