import { createHash } from "node:crypto";

/** Matches a script or a style sheet that is put into the page itself. */
const INLINE = /<(script src|link rel="stylesheet" href)="([^"]*)" data-inline>(?:<\/script>)?/g;

/** What a page contains itself, as sources of its Content-Security-Policy. */
export interface InlinedFiles {
  readonly scripts: readonly string[];
  readonly styles: readonly string[];
}

/**
 * Puts into a page what its first paint needs, in place of its addresses: on a slow network, another request costs as much as
 * the page itself. `read` returns the text of a file of the page, and `change` what becomes of the rest of the page.
 */
export async function inlineFiles(
  html: string,
  read: (path: string) => Promise<string>,
  change: (part: string) => string,
): Promise<{ readonly html: string; readonly inlined: InlinedFiles }> {
  const scripts: string[] = [];
  const styles: string[] = [];
  const parts: string[] = [];
  let end = 0;
  for (const match of html.matchAll(INLINE)) {
    const [tag, kind, path = ""] = match;
    const text = await read(path);
    const isScript = kind === "script src";
    (isScript ? scripts : styles).push(sourceOf(text));
    parts.push(change(html.slice(end, match.index)));
    parts.push(isScript ? `<script>${text}</script>` : `<style>${text}</style>`);
    end = match.index + tag.length;
  }
  return { html: parts.join("") + change(html.slice(end)), inlined: { scripts, styles } };
}

function sourceOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
