import { monotonicNow, msSince } from "../../base/clock.ts";
import { createPrivateFile, createPrivateFolder } from "../private_files.ts";

/** Number of attempts. The fastest one counts, because other programs can only make one slower. */
const ATTEMPTS = 5;

const PAGE = new Uint8Array(4_096);

/** How long it takes to make a page next to a database durable, in ms; `undefined` if no file can be written there. */
export function syncTime(path: string): number | undefined {
  const probe = `${path}.probe`;
  try {
    createPrivateFolder(path);
    createPrivateFile(probe);
    using file = Deno.openSync(probe, { write: true });
    const times = Array.from({ length: ATTEMPTS }, () => {
      const start = monotonicNow();
      file.writeSync(PAGE);
      file.syncDataSync();
      return msSince(start);
    });
    Deno.removeSync(probe);
    return Math.min(...times);
  } catch {
    // The database cannot be opened either, and its error says why.
    return undefined;
  }
}
