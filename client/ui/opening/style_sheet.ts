/** Loads the style sheet if a proxy forbids the one that the page contains, with a Content-Security-Policy of its own. */
export function loadStyleSheet(href: string): void {
  if (document.styleSheets.length > 0) return;
  const link = document.createElement("link");
  [link.rel, link.href] = ["stylesheet", href];
  document.head.append(link);
}
