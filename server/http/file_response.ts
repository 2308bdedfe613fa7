import type { ByteRange, ReadableFile } from "../core/model/files.ts";
import { PICTURE_TYPES } from "../protocol/limits.ts";
import { SECURITY_HEADERS } from "./responses.ts";

/**
 * How long browsers may show a file without asking again whether its message is still there, in seconds. They do not use it for
 * a request with another token.
 */
const CACHE_SECONDS = 3_600;

/**
 * Headers of every file. Whatever it contains, a browser that opens its address does not execute it: it has the type that the
 * server has found, an opaque origin, and may load nothing.
 */
const FILE_HEADERS = {
  ...SECURITY_HEADERS,
  "accept-ranges": "bytes",
  "cache-control": `private, max-age=${CACHE_SECONDS}, immutable`,
  "content-security-policy": "sandbox; default-src 'none'",
  "cross-origin-resource-policy": "same-origin",
  "vary": "origin, authorization, x-halley-token",
};

/** The response to a request for a file or its thumbnail, or for a part of it. */
export function fileResponse(
  request: Request,
  { file, type, size, open }: ReadableFile,
  part?: "thumbnail",
): Response {
  const isPicture = PICTURE_TYPES.some((picture) => picture === type);
  const etag = `"${file.id}${part === undefined ? "" : "-t"}"`;
  const headers = {
    ...FILE_HEADERS,
    etag,
    "content-type": type,
    "content-disposition": contentDisposition(isPicture ? "inline" : "attachment", file.name),
  };
  if (request.headers.get("if-none-match") === etag) {
    return new Response(null, { status: 304, headers });
  }
  const range = rangeOf(request, size);
  if (range === "unsatisfiable") {
    const total = { "content-range": `bytes */${size}` };
    return new Response(null, { status: 416, headers: { ...headers, ...total } });
  }
  if (range === undefined) {
    return new Response(open(), { headers: { ...headers, "content-length": String(size) } });
  }
  const { start, end } = range;
  return new Response(open(range), {
    status: 206,
    headers: {
      ...headers,
      "content-length": String(end - start),
      "content-range": `bytes ${start}-${end - 1}/${size}`,
    },
  });
}

/** The single range of bytes that a request wants: RFC 9110. Several ranges, and other units, are answered with everything. */
function rangeOf({ headers }: Request, size: number): ByteRange | "unsatisfiable" | undefined {
  const [found, first = "", last = ""] =
    /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.get("range") ?? "") ?? [];
  if (found === undefined || first + last === "" || headers.has("if-range")) return undefined;
  const range = first === ""
    ? { start: Math.max(0, size - Number(last)), end: size }
    : { start: Number(first), end: last === "" ? size : Math.min(size, Number(last) + 1) };
  if (last !== "" && first !== "" && Number(last) < Number(first)) return undefined;
  return range.start < range.end ? range : "unsatisfiable";
}

/** The header that tells a browser whether to show a file and how to name it: RFC 6266, RFC 8187. */
function contentDisposition(kind: "inline" | "attachment", name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
