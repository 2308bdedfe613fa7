/** What is quoted, and whom. */
export interface Quotation {
  readonly author: string;
  readonly text: string;
}

/** A text, and what it answers to. */
export interface Reply {
  readonly quotation: Quotation | undefined;
  readonly answer: string;
}

/** Of what is quoted, so much is repeated. */
const LONGEST = 240;
const MOST_LINES = 4;

/** Begins with the quotation, as plain text: the author's line, then what was said, each after "> ". */
export function formatReply({ quotation, answer }: Reply): string {
  if (!quotation) return answer;
  const lines = [`${quotation.author}:`, ...shorten(quotation.text).split("\n")];
  return `${lines.map((line) => `> ${line}`).join("\n")}\n\n${answer}`;
}

/** Reads a reply. What was not written as one is all answer. */
export function parseReply(text: string): Reply {
  const [, quoted, answer = ""] = /^((?:> [^\n]*\n)+)\n?([^]+)$/.exec(text) ?? [];
  const [first = "", ...lines] = (quoted ?? "").trimEnd().split("\n").map((line) => line.slice(2));
  const isReply = first.endsWith(":") && first.length > 1 && lines.length > 0;
  if (!isReply) return { quotation: undefined, answer: text };
  return { quotation: { author: first.slice(0, -1), text: lines.join("\n") }, answer };
}

function shorten(text: string): string {
  const lines = parseReply(text).answer.trim().split("\n");
  const shown = [...lines.slice(0, MOST_LINES).join("\n")].slice(0, LONGEST).join("");
  return shown.length < lines.join("\n").length ? `${shown}…` : shown;
}
