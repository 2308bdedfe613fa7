import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { readAssets } from "../../server/http/assets.ts";
import { Chat } from "../support/chat.ts";
import { TestFolder } from "../support/test_folder.ts";

const PAGE = `<!DOCTYPE html>
<link rel="stylesheet" href="style.css">
<a href="nothing.css">elsewhere</a>
<a href="https://halley.test/style.css">far away</a>
<script type="module" src="built/app.js"></script>`;

const FILES = {
  "index.html": PAGE,
  "style.css": "body { color: navy }",
  "icon.svg": "<svg/>",
  "manifest.webmanifest": "{}",
  "built/app.js": "console.log('app')",
  "built/halley.js": "export const halley = 1",
  "built/widget.js": "const widget = 1",
  "built/widget-chat.js": "export const chat = 1",
  "built/language-en.json": `{"name":"English","sentences":{"chat":{"send":"Send"}}}`,
  "notes": "without an extension",
};

/** An app that serves these files. */
async function openPage(files: Record<string, string> = FILES): Promise<Chat> {
  using folder = await TestFolder.with(files);
  return await Chat.open({ assets: await readAssets(folder.path) });
}

async function linksOf(chat: Chat): Promise<readonly string[]> {
  const page = await (await chat.request("GET", "/")).text();
  return [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, path]) => path ?? "");
}

Deno.test("[V1] the page has a strict Content-Security-Policy", async () => {
  await using chat = await openPage();

  const { status, headers } = await chat.request("GET", "/");

  assertEquals([status, headers.get("content-type")], [200, "text/html; charset=utf-8"]);
  assertEquals(
    headers.get("content-security-policy"),
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
      "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; " +
      "frame-ancestors 'none'",
  );
  assertEquals(headers.get("x-frame-options"), "DENY");
  assertEquals(headers.get("referrer-policy"), "no-referrer");
  assertEquals(headers.get("cross-origin-opener-policy"), "same-origin");
});

Deno.test("[U395] the page contains the files that its first paint needs, and allows exactly these", async () => {
  const style = `<link rel="stylesheet" href="style.css" data-inline>`;
  const script = `<script src="built/boot.js" data-inline></script>`;
  const boot = `load(' src="style.css"')`;
  await using chat = await openPage({
    ...FILES,
    "index.html": `${script}${style}\n${PAGE}`,
    "built/boot.js": boot,
  });

  const page = await chat.request("GET", "/");

  const html = await page.text();
  assertEquals(
    html.split("\n")[0],
    `<script>${boot}</script><style>body { color: navy }</style>`,
  );
  const policy = page.headers.get("content-security-policy") ?? "";
  for (const [kind, text] of [["script", boot], ["style", "body { color: navy }"]]) {
    const digest = createHash("sha256").update(text ?? "").digest("base64");
    assertEquals(policy.includes(`${kind}-src 'self' 'sha256-${digest}';`), true, kind);
  }
});

Deno.test("[V1] the page refers to its own files by names with hashes, and to others unchanged", async () => {
  await using chat = await openPage();

  const [style = "", nothing, farAway, app = ""] = await linksOf(chat);

  assertMatch(style, /^style\.[0-9a-f]{8}\.css$/);
  assertMatch(app, /^built\/app\.[0-9a-f]{8}\.js$/);
  assertEquals([nothing, farAway], ["nothing.css", "https://halley.test/style.css"]);
  assertEquals(await (await chat.request("GET", `/${style}`)).text(), "body { color: navy }");
  assertEquals(await (await chat.request("GET", `/${app}`)).text(), "console.log('app')");
});

Deno.test("[V1] the name of a file changes only with its content", async () => {
  await using chat = await openPage();
  await using same = await openPage();
  await using changed = await openPage({ ...FILES, "style.css": "body { color: teal }" });

  const [style, , , app] = await linksOf(chat);
  const [changedStyle = "", , , changedApp] = await linksOf(changed);

  assertEquals(await linksOf(same), await linksOf(chat));
  assertEquals(changedApp, app);
  assertNotEquals(changedStyle, style);
  assertEquals((await chat.request("GET", `/${changedStyle}`)).status, 404);
});

const TYPES = [
  ["/style.css", "text/css; charset=utf-8"],
  ["/icon.svg", "image/svg+xml"],
  ["/manifest.webmanifest", "application/manifest+json"],
  ["/built/app.js", "text/javascript; charset=utf-8"],
  ["/halley.js", "text/javascript; charset=utf-8"],
  ["/notes", "application/octet-stream"],
] as const;

for (const [path, type] of TYPES) {
  Deno.test(`[V1] ${path} is served as ${type} and not sniffed`, async () => {
    await using chat = await openPage();

    const { status, headers } = await chat.request("GET", path);

    assertEquals([status, headers.get("content-type")], [200, type]);
    assertEquals(headers.get("x-content-type-options"), "nosniff");
  });
}

Deno.test("[V2] a file with a hash in its name can be cached forever", async () => {
  await using chat = await openPage();
  const [style = ""] = await linksOf(chat);

  const { headers } = await chat.request("GET", `/${style}`);

  assertEquals(headers.get("cache-control"), "public, max-age=31536000, immutable");
});

for (const path of ["/", "/style.css", "/halley.js"]) {
  Deno.test(`[V2] ${path} is revalidated with its ETag`, async () => {
    await using chat = await openPage();
    const first = await chat.request("GET", path);
    const etag = first.headers.get("etag") ?? "";

    const fresh = await chat.app.request(path, { headers: { "if-none-match": etag } });
    const weak = await chat.app.request(path, { headers: { "if-none-match": `"x", W/${etag}` } });
    const stale = await chat.app.request(path, { headers: { "if-none-match": '"old"' } });

    assertMatch(etag, /^"[0-9a-f]{16}"$/);
    assertEquals(first.headers.get("cache-control"), "no-cache");
    assertEquals([fresh.status, await fresh.text()], [304, ""]);
    assertEquals([fresh.headers.get("etag"), weak.status], [etag, 304]);
    assertEquals([stale.status, await stale.text()], [200, await first.text()]);
  });
}

Deno.test("[V2] a file that changes has another ETag", async () => {
  await using chat = await openPage();
  await using changed = await openPage({ ...FILES, "style.css": "body { color: teal }" });
  const etag = (await chat.request("GET", "/style.css")).headers.get("etag") ?? "";

  const again = await changed.app.request("/style.css", { headers: { "if-none-match": etag } });

  assertEquals(again.status, 200);
});

Deno.test("[V2] a file is the same with and without compression, and caches distinguish them", async () => {
  await using chat = await openPage();

  const plain = await chat.request("GET", "/style.css");
  const zipped = await chat.app.request("/style.css", {
    headers: { "accept-encoding": "gzip, deflate, br" },
  });

  const unzipped = zipped.body?.pipeThrough(new DecompressionStream("gzip")) ?? null;
  assertEquals(await new Response(unzipped).text(), await plain.text());
  assertEquals(plain.headers.has("content-encoding"), false);
  assertEquals(zipped.headers.get("content-encoding"), "gzip");
  assertEquals(zipped.headers.get("vary"), "accept-encoding");
});

Deno.test("[V10] what the build has compressed is sent with Brotli to clients that accept it", async () => {
  const compressed = brotliCompressSync(FILES["built/app.js"]);
  using folder = await TestFolder.with(FILES);
  await Deno.writeFile(join(folder.path, "built/app.js.br"), compressed);
  await using chat = await Chat.open({ assets: await readAssets(folder.path) });
  const get = (accepted: string, path = "/built/app.js") =>
    chat.app.request(path, { headers: { "accept-encoding": accepted } });

  const response = await get("gzip, deflate, br, zstd");

  const headers = ["content-encoding", "content-length", "content-type", "vary"];
  assertEquals(headers.map((name) => response.headers.get(name)), [
    "br",
    String(compressed.length),
    "text/javascript; charset=utf-8",
    "accept-encoding",
  ]);
  assertEquals(await response.bytes(), new Uint8Array(compressed));
  for (
    const [accepted, encoding] of [
      ["gzip", "gzip"],
      ["gzip, br;q=0", "gzip"],
      ["br;q=0.0, gzip;q=0", null],
      ["abr", null],
      ["br;q=0.5", "br"],
    ] as const
  ) {
    const other = await get(accepted);
    assertEquals([accepted, other.headers.get("content-encoding")], [accepted, encoding]);
    await other.body?.cancel();
  }
  assertEquals((await get("br", "/built/app.js.br")).status, 404);
  assertEquals((await get("br", "/style.css")).headers.get("content-encoding"), null);
});

Deno.test("[V2] a client that does not accept gzip gets no compression", async () => {
  await using chat = await openPage();

  for (const encoding of ["identity", "br", "gzip;q=0", "gzip; q=0.0, br"]) {
    const response = await chat.app.request("/style.css", {
      headers: { "accept-encoding": encoding },
    });
    assertEquals([encoding, await response.text()], [encoding, "body { color: navy }"]);
  }
});

/** What pages of other origins may load. */
const PUBLIC = [
  "/halley.js",
  "/widget.js",
  "/widget-chat.js",
  "/widget-en.json",
  "/widget-more-en.json",
];

for (const path of PUBLIC) {
  Deno.test(`[V3] ${path} can be loaded by pages of other origins`, async () => {
    await using chat = await openPage();

    const { status, headers } = await chat.request("GET", path);

    assertEquals(status, 200);
    assertEquals(headers.get("access-control-allow-origin"), "*");
    assertEquals(headers.get("cross-origin-resource-policy"), "cross-origin");
  });
}

Deno.test("[V3] other files and replies of the API cannot be loaded by pages of other origins", async () => {
  using folder = await TestFolder.with(FILES);
  const assets = await readAssets(folder.path);
  await using chat = await Chat.open({ assets });
  const others = [...assets.keys()].filter((path) => !PUBLIC.includes(path));

  for (const path of [...others, "/live", "/api/session"]) {
    const { headers } = await chat.app.request(path, { headers: { origin: "https://tea.test" } });
    assertEquals([path, headers.has("access-control-allow-origin")], [path, false]);
    const policy = headers.get("cross-origin-resource-policy") ?? "none";
    assertEquals([path, policy === "cross-origin"], [path, false]);
  }
});

const ICONS = [["/favicon.ico", "image/x-icon"], ["/apple-touch-icon.png", "image/png"]] as const;

for (const [path, type] of ICONS) {
  Deno.test(`[V5] ${path}, which browsers ask for by themselves, is served as ${type}`, async () => {
    const folder = fileURLToPath(new URL("../../static/", import.meta.url));
    await using chat = await Chat.open({ assets: await readAssets(folder) });

    const { status, headers } = await chat.request("GET", path);
    const etag = headers.get("etag") ?? "";
    const again = await chat.app.request(path, { headers: { "if-none-match": etag } });

    assertEquals([status, headers.get("content-type"), again.status], [200, type, 304]);
    assertEquals(headers.get("cache-control"), "no-cache");
  });
}
