import { parseReply } from "../state/quotation.ts";
import { linkFinder } from "./links.ts";

const MOST_EMOJI = 3;
const EMOJI =
  /^(\p{RI}|\p{Emoji_Presentation}|\p{Extended_Pictographic}[\uFE0F\u{1F3FB}-\u{1F3FF}\u200D])/u;

/** What was said, as text alone: with what it answers to, with links, and large if it is nothing but a few emoji. */
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
        {linkFinder.value(answer).map(({ text, address }, n) =>
          address === undefined
            ? text
            : (
              <a key={n} href={address} target="_blank" rel="noopener noreferrer nofollow">
                {text}
              </a>
            )
        )}
      </p>
    </>
  );
}

function isFewEmoji(text: string): boolean {
  // An emoji takes many characters at times, but three of them never so many.
  if (text.length > 64) return false;
  const segments = [...new Intl.Segmenter().segment(text.replace(/\s/g, ""))];
  return segments.length > 0 && segments.length <= MOST_EMOJI &&
    segments.every(({ segment }) => EMOJI.test(segment));
}
