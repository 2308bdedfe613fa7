/** A part of a text; a link if it has an `href`. */
export interface TextPart {
  readonly text: string;
  readonly href?: string;
}

/**
 * What may be a link: an authority after `https://`, `http://` or `www.`, as a whole, and what follows it; or a mail
 * address. It ends at white space, invisible characters, quotation marks, and the punctuation of Chinese and Japanese.
 */
const CANDIDATE =
  /((?<!\w)https?:\/\/|(?<![\w@./:-])www\.)([^\s\p{C}<>"“”'/?#,;!(){}\u3000-\u303f\uff00-\uff65]+(?:[/?#][^\s\p{C}<>"“”\u3000-\u303f\uff00-\uff65]*)?)|(?<![\w.+%@/:-])(?:mailto:)?([\w.+%-]+@(?:[\p{L}\p{N}-]+\.)+\p{L}{2,})/giu;

/** A host with a dot, this machine, or an address. */
const HOST =
  /^(?:localhost|\[[\da-f:.]+\]|(?:[\p{L}\p{M}\p{N}_-]+\.)+[\p{L}\p{M}\p{N}-]+)(?::\d+)?$/iu;

/** Punctuation that ends a sentence and not an address. */
const TRAILING = ".,:;!?'’»*…";

const BRACKETS = ["()", "[]", "{}"];

/** Splits a text into links and the text between them; joined, the parts are the text again. */
export function parseLinks(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (
    const { 0: found, 1: start = "", 2: after = "", 3: mail, index } of text.matchAll(CANDIDATE)
  ) {
    const address = withoutTrailing(after);
    const link = mail ? found : start + address;
    const href = mail ? `mailto:${mail}` : hrefOf(start, address);
    if (!href) continue;
    parts.push({ text: text.slice(end, index) }, { text: link, href });
    end = index + link.length;
  }
  return [...parts, { text: text.slice(end) }];
}

function hrefOf(start: string, address: string): string | undefined {
  const [host = ""] = address.split(/[/?#]/);
  const href = (/^w/i.test(start) ? "https://" : "") + start + address;
  try {
    return HOST.test(host) && new URL(href) ? href : undefined;
  } catch {
    return undefined; // A number in it, such as the port, is too high.
  }
}

/** Without the punctuation at the end, and without closing brackets there that are not opened. */
function withoutTrailing(address: string): string {
  const unopened = new Map(
    BRACKETS.map(([opening = "", closing = ""]) =>
      [closing, address.split(closing).length - address.split(opening).length] as const
    ),
  );
  let end = address.length;
  for (; end > 0; end--) {
    const last = address.charAt(end - 1);
    const surplus = unopened.get(last) ?? 0;
    if (surplus <= 0 && !TRAILING.includes(last)) break;
    unopened.set(last, surplus - 1);
  }
  return address.slice(0, end);
}
