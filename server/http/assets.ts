import { createHash } from "node:crypto";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { StartError } from "../base/start_error.ts";
import type { PageSettings } from "./auth/page_settings.ts";
import { type InlinedFiles, inlineFiles } from "./inlined_files.ts";
import { languageFiles, languageLinks, readLanguages } from "./languages/languages.ts";
import { pageShell, WORKER, WORKER_HEADERS, workerScript } from "./page_shell.ts";

/** A static file in memory. */
export interface Asset {
  readonly body: Uint8Array<ArrayBuffer>;
  /** Compressed with gzip, once somebody asks for that: most browsers get Brotli, and all files would take a third of the start. */
  readonly gzipped: () => Uint8Array<ArrayBuffer>;
  /** Compressed with Brotli, if the build has done that. */
  readonly brotli: Uint8Array<ArrayBuffer> | undefined;
  readonly type: string;
  readonly etag: string;
  /** Its path contains a hash of its content, so it can be cached forever. */
  readonly isImmutable: boolean;
  /** Pages of other origins can load it. */
  readonly isPublic: boolean;
  /** Headers that only this file has. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Static files by path, such as `/` and `/style.3f9a1c2b.css`. */
export type Assets = ReadonlyMap<string, Asset>;

/** The extension of a file that the build has compressed. */
const BROTLI = ".br";

const TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".ts": "application/typescript; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/** The HTML pages: the file and the path of each. All addresses in them are relative, so they work below any path. */
const PAGES: Record<string, string> = { "/index.html": "/", "/admin.html": "/admin" };

/** The files that other sites load, so their paths must never change: the file and the path of each. */
const PUBLIC: Record<string, string> = {
  "/built/halley.js": "/halley.js",
  "/built/widget.js": "/widget.js",
  "/built/widget-chat.js": "/widget-chat.js",
  "/built/widget-more.js": "/widget-more.js",
  "/halley.d.ts": "/halley.d.ts",
  "/openapi.json": "/openapi.json",
};

/** The files with the sentences of the widget, whose paths must never change either. */
const PUBLIC_SENTENCES = /^\/built\/(widget(-more)?-[\w-]+\.json)$/;

/** The type declarations of modules, for programs that import them by URL. */
const DECLARATIONS: Record<string, string> = { "/built/halley.js": "./halley.d.ts" };

/** What the pages must know before their first request. */
export interface PageOptions extends Partial<PageSettings> {
  readonly auth: "guest" | "jwt";
  /** Whether the server pushes to browsers whose page is closed. */
  readonly pushes?: boolean | undefined;
  /** The folder with the sentences of the operator. */
  readonly languages?: string | undefined;
}

/** Where the page lists its languages. */
const LANGUAGES = "<!-- languages -->";

/** Matches the addresses in a page. */
const LINK = /(?<=\s(?:src|href|data-\w+)=")[^"]*/g;

/**
 * Reads all files in a folder into memory. Each has its own path and a path with a hash of its content; the pages refer
 * to the latter. The pages also contain the settings that they need before their first request. Throws a `StartError` if
 * the pages were not built, or the operator's sentences are wrong.
 */
export async function readAssets(
  folder: string,
  options: PageOptions = { auth: "guest" },
): Promise<Assets> {
  const assets = new Map<string, Asset>();
  const hashed = new Map<string, string>();
  const pages: [file: string, path: string][] = [];
  const files = await Array.fromAsync(filesIn(folder));
  const add = (path: string, encodings: Encodings) => {
    const asset = assetOf(path, encodings);
    assets.set(publicPath(path) ?? path, asset);
    if (asset.isPublic) return;
    const name = hashedName(path, asset.etag);
    assets.set(name, { ...asset, isImmutable: true });
    hashed.set(path, name);
  };
  for (const path of files) {
    const page = PAGES[path];
    if (page !== undefined) {
      pages.push([path, page]);
      continue;
    }
    if (path.endsWith(BROTLI) || path === WORKER.file) continue;
    const [body, brotli] = await Promise.all(
      [path, path + BROTLI].filter((one) => files.includes(one)).map((one) =>
        Deno.readFile(join(folder, one))
      ),
    );
    if (!body) continue;
    add(path, { body, brotli });
  }
  const languages = await readLanguages(folder, options.languages);
  for (const [path, text] of languageFiles(languages)) {
    // Not with Brotli: that would take longer than the rest of the start.
    add(path, { body: new TextEncoder().encode(text) });
  }
  const links = languageLinks(languages, files);
  for (const [file, path] of pages) {
    const text = await Deno.readTextFile(join(folder, file));
    const linked = new Set<string>();
    const listed = text.replace(LANGUAGES, links);
    const read = (link: string) =>
      Deno.readTextFile(join(folder, link)).catch((cause) => {
        if (!(cause instanceof Deno.errors.NotFound)) throw cause;
        const advice = 'run "deno task build", or start the server with "deno task start"';
        throw new StartError(`The pages are not built: ${advice}`, { cause });
      });
    const { html, inlined } = await inlineFiles(
      listed,
      read,
      (part) =>
        part.replace(LINK, (link) => {
          const found = hashed.get(`/${link}`)?.slice(1);
          if (found) linked.add(found);
          return found ?? link;
        }),
    );
    // The admin page has no users of an application, and no worker.
    if (path !== "/") assets.set(path, pageAsset(file, html, { auth: options.auth, inlined }));
    else {
      const shell = pageShell(html + attributesOf(options), linked);
      assets.set(
        path,
        pageAsset(file, html, { ...options, inlined, version: shell.version, showsFiles: true }),
      );
      if (!files.includes(WORKER.file)) continue;
      const script = workerScript(await Deno.readTextFile(join(folder, WORKER.file)), shell);
      const worker = assetOf(WORKER.path, { body: new TextEncoder().encode(script) });
      assets.set(WORKER.path, { ...worker, headers: WORKER_HEADERS });
    }
  }
  return assets;
}

/** Match an `Accept-Encoding` that accepts gzip, or Brotli, with a quality other than 0. */
const ACCEPTS_GZIP = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i;
const ACCEPTS_BROTLI = /\bbr\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i;

/** The response to a GET or HEAD request. */
export function assetResponse(asset: Asset, request: Request): Response {
  const headers = headersOf(asset);
  if (request.headers.get("if-none-match")?.includes(asset.etag)) {
    return new Response(null, { status: 304, headers });
  }
  headers.set("content-type", asset.type);
  const accepted = request.headers.get("accept-encoding") ?? "";
  const [body, encoding] = asset.brotli && ACCEPTS_BROTLI.test(accepted)
    ? [asset.brotli, "br"] as const
    : ACCEPTS_GZIP.test(accepted)
    ? [asset.gzipped(), "gzip"] as const
    : [asset.body] as const;
  if (encoding) headers.set("content-encoding", encoding);
  // Set here, since the response to HEAD must have the length of the response to GET.
  headers.set("content-length", String(body.length));
  return new Response(body, { headers });
}

async function* filesIn(folder: string, path = ""): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(join(folder, path))) {
    if (isDirectory) yield* filesIn(folder, `${path}/${name}`);
    else yield `${path}/${name}`;
  }
}

interface VersionedPage extends PageOptions {
  /** The version of the page and its files, if a worker keeps them. */
  readonly version?: string;
  /** Whether it shows pictures that it has loaded with a token. */
  readonly showsFiles?: true;
  readonly inlined: InlinedFiles;
}

/** A page with its settings. */
function pageAsset(file: string, html: string, options: VersionedPage): Asset {
  const text = html.replace("<html ", `<html ${attributesOf(options)} `);
  const asset = assetOf(file, { body: new TextEncoder().encode(text) });
  return { ...asset, headers: pageHeaders(options) };
}

interface Encodings {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly brotli?: Uint8Array<ArrayBuffer> | undefined;
}

function assetOf(path: string, { body, brotli }: Encodings): Asset {
  return {
    body,
    brotli,
    gzipped: once(() => new Uint8Array(gzipSync(body, { level: 9 }))),
    type: TYPES[extname(path)] ?? "application/octet-stream",
    etag: `"${createHash("sha256").update(body).digest("hex").slice(0, 16)}"`,
    isImmutable: false,
    isPublic: publicPath(path) !== undefined,
    headers: path in DECLARATIONS ? { "x-typescript-types": DECLARATIONS[path] ?? "" } : {},
  };
}

/** Returns what `make` returns when it is called for the first time. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** The path of a file that other sites load. */
function publicPath(path: string): string | undefined {
  const [, sentences] = PUBLIC_SENTENCES.exec(path) ?? [];
  return PUBLIC[path] ?? (sentences && `/${sentences}`);
}

function hashedName(path: string, etag: string): string {
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}.${etag.slice(1, 9)}${extension}`;
}

function headersOf({ etag, isImmutable, isPublic, headers }: Asset): Headers {
  return new Headers({
    "etag": etag,
    "vary": "accept-encoding",
    "cache-control": isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": isPublic ? "cross-origin" : "same-origin",
    ...(isPublic && { "access-control-allow-origin": "*" }),
    ...headers,
  });
}

/** The settings as attributes of a page's root element. */
function attributesOf(options: Omit<VersionedPage, "inlined">): string {
  const { auth, version, pushes, frameAncestors, pictureOrigins } = options;
  const { tokenUrl, signInUrl, signOutUrl } = options;
  const settings = {
    "auth": auth,
    "version": version,
    "copy": options.offlineCopy === "off" ? "off" : undefined,
    "push": pushes ? "on" : undefined,
    "token-url": tokenUrl,
    "sign-in-url": signInUrl,
    "sign-out-url": signOutUrl,
    "frame-ancestors": frameAncestors?.join(" "),
    "picture-origins": pictureOrigins?.join(" "),
  };
  return Object.entries(settings)
    .filter(([, value]) => value)
    // Addresses have no quotes, but they can have ampersands.
    .map(([name, value = ""]) => `data-${name}="${value.replaceAll("&", "&amp;")}"`)
    .join(" ");
}

function pageHeaders(
  { tokenUrl, frameAncestors = [], pictureOrigins = [], showsFiles, inlined }: VersionedPage,
): Record<string, string> {
  const tokenOrigin = URL.parse(tokenUrl ?? "")?.origin;
  const policy = [
    "default-src 'none'",
    ["script-src 'self'", ...inlined.scripts].join(" "),
    ["style-src 'self'", ...inlined.styles].join(" "),
    ["img-src 'self' data:", ...(showsFiles ? ["blob:"] : []), ...pictureOrigins].join(" "),
    ["connect-src 'self'", ...(tokenOrigin === undefined ? [] : [tokenOrigin])].join(" "),
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${frameAncestors.join(" ") || "'none'"}`,
  ];
  return {
    "content-security-policy": policy.join("; "),
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    // Browsers that know `frame-ancestors` ignore it, but proxies and scanners may not; it cannot list origins.
    ...(frameAncestors.length === 0 && { "x-frame-options": "DENY" }),
  };
}
