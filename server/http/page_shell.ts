import { createHash } from "node:crypto";
import { extname } from "node:path";

/**
 * The script that keeps the page for when the server is away: its file, and its path. It is beside the page, since a worker
 * controls only what is in its own folder or below.
 */
export const WORKER = { file: "/built/service-worker.js", path: "/service-worker.js" } as const;

/** Only requests to this server, whatever a file of the page may refer to. */
export const WORKER_HEADERS = {
  "content-security-policy": "default-src 'none'; connect-src 'self'",
};

/** One version of the page: what its worker must know to keep it. */
export interface PageShell {
  /** Changes whenever the page or a file of it does. The page has it as `data-version`. */
  readonly version: string;
  /** The addresses of the files without which the page does not work, relative to the page. */
  readonly needed: readonly string[];
  /** Those of the files that it loads when they are wanted, such as the sentences of each language. */
  readonly others: readonly string[];
}

/** Files that are kept with every page. */
const NEEDED = [".js", ".css"];

/** Describes a page that refers to these files, whose names have a hash of their content. */
export function pageShell(html: string, files: ReadonlySet<string>): PageShell {
  const version = createHash("sha256").update(html).digest("hex").slice(0, 16);
  const isNeeded = (path: string) => NEEDED.includes(extname(path));
  const all = [...files];
  return { version, needed: all.filter(isNeeded), others: all.filter((one) => !isNeeded(one)) };
}

/** The script of the worker of this version: browsers install a script that differs from the one they have. */
export function workerScript(script: string, shell: PageShell): string {
  return `self.halleyShell=${JSON.stringify(shell)};\n${script}`;
}
