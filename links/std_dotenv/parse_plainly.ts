/** A name, and its value: in quotes, which may go over several lines, or up to the end of the line or a comment. */
const ENTRY =
  /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*(?:'([^']*)'|"([^"]*)"|`([^`]*)`|([^#\r\n]*))/gm;

/** Reads a `.env` text as `node:util` does, where `node:util` does not. */
export function parsePlainly(text: string): Record<string, string> {
  const entries = [...text.matchAll(ENTRY)].map(([, name = "", single, double, back, bare = ""]) =>
    [name, single ?? double?.replaceAll("\\n", "\n") ?? back ?? bare.trim()] as const
  );
  return Object.fromEntries(entries);
}
