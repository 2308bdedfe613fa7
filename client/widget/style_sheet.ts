/** Makes a style sheet with lengths in px instead of `rem`, which depends on the page around the widget. */
export function styleSheet(css: string, rem: number): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css.replace(/([\d.]+)rem\b/g, (_, length) => `${Number(length) * rem}px`));
  return sheet;
}
