/** What moves the cursor, colours, hides or turns round what a terminal shows. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Shows a text of others on one line of a terminal, which it cannot command: line breaks as ↵, other controls as pictures. */
export function harmless(text: string): string {
  return text.toWellFormed().replace(/\r\n?|[\n\u0085\u2028\u2029]/g, "↵ ").replaceAll("\t", " ")
    .replace(UNSEEN, picture).trimEnd();
}

/** The same JSON, in which no character commands a terminal. */
export function harmlessJson(json: string): string {
  return json.replace(UNSEEN, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\ufffd";
}
