/** A style sheet of this text, in which a `rem` is so long (px): the page around has its own. */
export function sheetOf(css: string, rem: number): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css.replace(/([\d.]+)rem\b/g, (_, length) => `${Number(length) * rem}px`));
  return sheet;
}
