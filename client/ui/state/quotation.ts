/** The quoted part of a reply. */
export interface Quotation {
  readonly author: string;
  readonly text: string;
}

/** A text, and the message that it replies to. */
export interface Reply {
  readonly quotation: Quotation | undefined;
  readonly answer: string;
}

/** Maximum length of a quoted text in code points, and in lines. */
const MAX_LENGTH = 240;
const MAX_LINES = 4;

/** Writes a reply as plain text: lines that start with "> " for the author and the quoted text, then the answer. */
export function formatReply({ quotation, answer }: Reply): string {
  if (!quotation) return answer;
  const lines = [`${quotation.author}:`, ...shorten(quotation.text).split("\n")];
  return `${lines.map((line) => `> ${line}`).join("\n")}\n\n${answer}`;
}

/** Reads a reply. A text in any other form is an answer without a quotation. */
export function parseReply(text: string): Reply {
  const [, quoted, answer = ""] = /^((?:> [^\n]*\n)+)\n?([^]+)$/.exec(text) ?? [];
  const [first = "", ...lines] = (quoted ?? "").trimEnd().split("\n").map((line) => line.slice(2));
  const isReply = first.endsWith(":") && first.length > 1 && lines.length > 0;
  if (!isReply) return { quotation: undefined, answer: text };
  return { quotation: { author: first.slice(0, -1), text: lines.join("\n") }, answer };
}

function shorten(text: string): string {
  const lines = parseReply(text).answer.trim().split("\n");
  const shown = [...lines.slice(0, MAX_LINES).join("\n")].slice(0, MAX_LENGTH).join("");
  return shown.length < lines.join("\n").length ? `${shown}…` : shown;
}
