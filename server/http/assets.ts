import { createHash } from "node:crypto";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** A file of the page, ready to be served. */
export interface Asset {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly etag: string;
  /** Its name changes with its content, so that it never needs to be asked for again. */
  readonly isImmutable: boolean;
  /** Pages of other origins may load it. */
  readonly isPublic: boolean;
  /** Where the types of this module stand, as seen from there. */
  readonly declarations: string | undefined;
}

/** Files by the path that they are served at, such as `/` and `/style.3f9a1c2b.css`. */
export type Assets = ReadonlyMap<string, Asset>;

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

/** Pages by where they stand among the files, and where they are served. */
const PAGES: Record<string, string> = { "/index.html": "/", "/admin.html": "/admin" };

/** Where each file stands that other people's pages load, and must therefore find at one address for ever. */
const PUBLIC: Record<string, string> = {
  "/built/halley.js": "/halley.js",
  "/built/widget.js": "/widget.js",
  "/built/widget-chat.js": "/widget-chat.js",
  "/built/widget-chat-zh.js": "/widget-chat-zh.js",
  "/halley.d.ts": "/halley.d.ts",
};

/** Where the types of a module stand, beside it: so programs find them that import it. */
const DECLARATIONS: Record<string, string> = { "/built/halley.js": "./halley.d.ts" };

/**
 * Reads the files below a folder into memory. Each is served under its own name, and under one with its hash in it;
 * the pages refer to the latter, and say who is let in.
 */
export async function readAssets(folder: string, auth: "guest" | "jwt" = "guest"): Promise<Assets> {
  const assets = new Map<string, Asset>();
  const hashed = new Map<string, string>();
  const pages: [file: string, path: string][] = [];
  for await (const path of filesBelow(folder)) {
    const page = PAGES[path];
    if (page !== undefined) {
      pages.push([path, page]);
      continue;
    }
    const asset = assetOf(path, await Deno.readFile(join(folder, path)));
    assets.set(PUBLIC[path] ?? path, asset);
    if (asset.isPublic) continue;
    const name = hashedName(path, asset.etag);
    assets.set(name, { ...asset, isImmutable: true });
    hashed.set(path, name);
  }
  for (const [file, path] of pages) {
    const page = await Deno.readTextFile(join(folder, file));
    const linked = page.replace(/(?<=(?:src|href)=")\/[^"]*/g, (path) => hashed.get(path) ?? path);
    const told = linked.replace("<html ", `<html data-auth="${auth}" `);
    assets.set(path, assetOf(file, new TextEncoder().encode(told)));
  }
  return assets;
}

/** Whether a client takes gzip: it names it, and not with the quality 0. */
const GZIP = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i;

/** The answer to a GET or HEAD of an asset. */
export function assetResponse(asset: Asset, request: Request): Response {
  const headers = headersOf(asset);
  if (request.headers.get("if-none-match")?.includes(asset.etag)) {
    return new Response(null, { status: 304, headers });
  }
  headers.set("content-type", asset.type);
  const isGzip = GZIP.test(request.headers.get("accept-encoding") ?? "");
  const body = isGzip ? asset.gzipped : asset.body;
  if (isGzip) headers.set("content-encoding", "gzip");
  // A HEAD is told the length of what a GET would get.
  headers.set("content-length", String(body.length));
  return new Response(body, { headers });
}

async function* filesBelow(folder: string, path = ""): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(join(folder, path))) {
    if (isDirectory) yield* filesBelow(folder, `${path}/${name}`);
    else yield `${path}/${name}`;
  }
}

function assetOf(path: string, body: Uint8Array<ArrayBuffer>): Asset {
  return {
    body,
    gzipped: new Uint8Array(gzipSync(body, { level: 9 })),
    type: TYPES[extname(path)] ?? "application/octet-stream",
    etag: `"${createHash("sha256").update(body).digest("hex").slice(0, 16)}"`,
    isImmutable: false,
    isPublic: path in PUBLIC,
    declarations: DECLARATIONS[path],
  };
}

function hashedName(path: string, etag: string): string {
  const ending = extname(path);
  return `${path.slice(0, path.length - ending.length)}.${etag.slice(1, 9)}${ending}`;
}

function headersOf({ etag, type, isImmutable, isPublic, declarations }: Asset): Headers {
  const headers = new Headers({
    "etag": etag,
    "vary": "accept-encoding",
    "cache-control": isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": isPublic ? "cross-origin" : "same-origin",
  });
  if (isPublic) headers.set("access-control-allow-origin", "*");
  if (declarations) headers.set("x-typescript-types", declarations);
  if (!type.startsWith("text/html")) return headers;
  headers.set("content-security-policy", PAGE_POLICY);
  headers.set("cross-origin-opener-policy", "same-origin");
  headers.set("permissions-policy", "camera=(), geolocation=(), microphone=()");
  headers.set("x-frame-options", "DENY");
  return headers;
}

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");
