/** What the old client makes of a reply: an object of strings. */
export type OldReply = Record<string, string>;

/**
 * Reads a reply as the old comet client did: it splits at `;`, each part at the first two `:`-separated pieces, and
 * hands each value to `eval` between single quotes.
 */
export function readAsOldClient(reply: string): OldReply {
  const obj: OldReply = {};
  for (const part of reply.split(";")) {
    const pair = part.split(":");
    if (pair.length < 2) continue;
    // Not through `obj["…"]`: the old client trusted the server with the key as it did with the value.
    new Function("obj", `obj.${pair[0]}='${pair[1]}'`)(obj);
  }
  return obj;
}
