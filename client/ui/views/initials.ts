/** Number of colours of avatars. */
const HUES = 8;

/** A letter with its marks, a flag, or an emoji with its modifiers and what is joined to it. */
const CHARACTER = /^(?:\p{RI}{2}|.)(?:[\p{M}\p{Emoji_Modifier}]|\u200D.)*/su;

/** What stands for a name in an avatar. */
export function initialOf(name: string): string {
  return (CHARACTER.exec(name.trim())?.[0] ?? "?").toUpperCase();
}

/** The colour of an avatar in degrees. Public tokens are random, so that their first characters are, too. */
export function hueOf(publicToken: string): number {
  return publicToken.charCodeAt(0) % HUES * 360 / HUES;
}
