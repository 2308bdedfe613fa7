/**
 * Bundles the page, the admin page, the library and the widget into `static/built`. With `--readable`, as
 * `deno task dev` runs it, the output is not minified. Beside each file is a copy that is compressed with Brotli.
 *
 * @module
 */
import { brotliCompressSync } from "node:zlib";
import { emojiFiles } from "./emoji_files.ts";
import { DICTIONARIES } from "./ui/i18n/dictionaries.ts";
import { Features, transform } from "lightningcss-wasm";

/**
 * The oldest browsers that the bundles run in: the last Chrome for Windows 7 and 8, and the oldest Firefox with extended
 * support. Style sheets are lowered to them. Scripts are not (`Deno.bundle` has no target): they may only use what these
 * browsers have, which `tests/browser/old_browser_test.ts` checks.
 */
const TARGETS = { chrome: version(109), firefox: version(115), safari: version(16, 4) };

/** A file of `static/built` and the source it is made from. */
interface Bundle {
  readonly file: string;
  readonly source: string;
  /** `iife` for classic scripts; by default a module. */
  readonly format?: "esm" | "iife";
  /** Modules that another bundle provides. The bundle exports `provide`, which takes them and returns what it exports. */
  readonly shared?: readonly string[];
}

/** The keys of `shared` in `client/widget/chat/shared.ts`. */
const MODULES_OF_CHAT = [
  "@preact/signals",
  "preact/hooks",
  "preact/jsx-runtime",
  "halley_error.ts",
  "poll_loop.ts",
  "chat_strings.ts",
  "refusals.ts",
  "dictionary.ts",
  "language.ts",
  "clock_offset.ts",
  "avatars.tsx",
  "icons.tsx",
  "message_item.tsx",
  "message_text.tsx",
];

/** The keys of `shared` in `client/ui/page_modules.ts`. */
const MODULES_OF_PAGE = [
  "@preact/signals",
  "preact/hooks",
  "preact/jsx-runtime",
  "api.ts",
  "halley_error.ts",
  "token_source.ts",
  "chat_strings.ts",
  "dictionary.ts",
  "format_time.ts",
  "state/chat.ts",
  "state/history.ts",
  "language.ts",
  "refusal_text.ts",
  "avatars.tsx",
  "icons.tsx",
  "message_actions.tsx",
  "page_strings.ts",
  "state/address.ts",
  "sent_headers.ts",
  "state/settings.ts",
  "conversation_title.ts",
  "search_part.tsx",
  "unread_marks.ts",
  "dialog.tsx",
  "person_name.tsx",
  "settings_menu.tsx",
  "show_message.ts",
  "unread_count.tsx",
];

/** Built first, because the script of the widget imports its style sheets as text. */
const STYLES: readonly Bundle[] = [
  { file: "page.css", source: "client/styles/page_sheet.css" },
  { file: "admin.css", source: "client/styles/admin_sheet.css" },
  { file: "widget.css", source: "client/widget/launcher.css" },
  { file: "widget-chat.css", source: "client/widget/chat/chat_sheet.css" },
  { file: "widget-panel.css", source: "client/widget/chat/chat.css" },
  { file: "widget-more.css", source: "client/widget/more/more_sheet.css" },
];

const SCRIPTS: readonly Bundle[] = [
  { file: "app.js", source: "client/ui/app.tsx" },
  { file: "page-tokens.js", source: "client/ui/state/page_tokens.ts" },
  { file: "page-account.js", source: "client/ui/account/account.ts", shared: MODULES_OF_PAGE },
  { file: "page-finding.js", source: "client/ui/finding/finding.ts", shared: MODULES_OF_PAGE },
  { file: "page-offline.js", source: "client/ui/offline/offline.ts", shared: MODULES_OF_PAGE },
  { file: "page-push.js", source: "client/ui/push/push.ts", shared: MODULES_OF_PAGE },
  { file: "service-worker.js", source: "client/service_worker/service_worker.ts", format: "iife" },
  { file: "page-search.js", source: "client/ui/search/search.ts", shared: MODULES_OF_PAGE },
  { file: "admin.js", source: "client/admin/admin.tsx" },
  { file: "page-files.js", source: "client/ui/files/files.ts", shared: MODULES_OF_PAGE },
  { file: "page-emoji.js", source: "client/ui/emoji/emoji.ts", shared: MODULES_OF_PAGE },
  { file: "markdown.js", source: "client/ui/views/markdown.ts" },
  { file: "halley.js", source: "client/comet/halley.ts" },
  { file: "boot.js", source: "client/ui/opening/boot.ts", format: "iife" },
  { file: "theme.js", source: "client/ui/opening/theme_boot.ts", format: "iife" },
  { file: "widget.js", source: "client/widget/widget.ts", format: "iife" },
  { file: "widget-chat.js", source: "client/widget/chat/widget_chat.tsx" },
  { file: "widget-more.js", source: "client/widget/more/more.ts", shared: MODULES_OF_CHAT },
];

const FOLDER = "static/built";

/** The extension of compressed files. */
const BROTLI = ".br";

const isReadable = Deno.args.includes("--readable");

await Deno.mkdir(FOLDER, { recursive: true });
for (const bundles of [STYLES, SCRIPTS]) {
  const texts = new Map<string, string>();
  // One at a time: the first one installs esbuild in Deno's cache, and others that start beside it race for that file.
  for (const bundle of bundles) texts.set(bundle.file, await build(bundle));
  // All at once, so that `deno task dev` restarts the server only once.
  for (const [file, text] of texts) await writeIfChanged(`${FOLDER}/${file}`, text);
}

for (const [file, text] of emojiFiles()) await writeIfChanged(`${FOLDER}/${file}`, text);
for (const [tag, dictionary] of Object.entries(DICTIONARIES)) {
  await writeIfChanged(`${FOLDER}/language-${tag}.json`, JSON.stringify(dictionary, null, 2));
}

async function build({ file, source, format = "esm", shared }: Bundle): Promise<string> {
  const { errors, outputFiles = [] } = await Deno.bundle({
    entrypoints: [source],
    outputPath: `${FOLDER}/${file}`,
    platform: "browser",
    format,
    minify: !isReadable,
    write: false,
    external: shared?.map((name) => /\.tsx?$/.test(name) ? `*/${name}` : name) ?? [],
  });
  for (const { text, location } of errors) {
    console.error(`Cannot bundle ${location?.file ?? source}:${location?.line ?? ""} ${text}`);
  }
  if (errors.length > 0) Deno.exit(1);
  const text = outputFiles.map((output) => output.text()).join("");
  if (shared) return providing(text, shared);
  return file.endsWith(".css") ? lowered(text, file) : text;
}

/**
 * Makes a function of a module, for one that is loaded into another: its argument has what the module imports, by the
 * names in `shared`, and its result what the module exports.
 */
function providing(module: string, shared: readonly string[]): string {
  const body = module
    .replace(/\bimport\s*\{([^}]*)\}\s*from\s*"([^"]+)";/g, (_, names: string, path: string) => {
      const name = shared.find((one) => path === one || path.endsWith(`/${one}`));
      return `const {${names.replaceAll(" as ", ": ")}} = modules["${name}"];`;
    })
    .replace(/\bexport\s*\{([^}]*)\};?\s*$/, (_, names: string) => {
      const members = names.split(",").map((one) =>
        one.trim().replace(/^(\S+) as (\S+)$/, "$2: $1")
      );
      return `return {${members}};`;
    });
  return `export const provide = (modules) => {${body}};`;
}

/** Replaces nesting, `light-dark()` and other features that the oldest browsers lack. */
function lowered(css: string, filename: string): string {
  const code = new TextEncoder().encode(css);
  const sheet = transform({
    filename,
    code,
    targets: TARGETS,
    // It would be replaced by a list of languages, which says nothing about names and texts.
    exclude: Features.DirSelector,
    minify: !isReadable,
  });
  // The names of the variables in place of `light-dark()`, of which each colour has two.
  return new TextDecoder().decode(sheet.code).replaceAll("--lightningcss-", "--");
}

/** A browser's version, as Lightning CSS encodes it. */
function version(major: number, minor = 0): number {
  return major << 16 | minor << 8;
}

/** Writes a file, and beside it what Brotli makes of it, which takes too long for the start of a server. */
async function writeIfChanged(path: string, text: string): Promise<void> {
  const [current, compressed] = await Promise.all(
    [path, `${path}${BROTLI}`].map((one) => Deno.readTextFile(one).catch(() => undefined)),
  );
  if (text === current && compressed !== undefined) return;
  await Deno.writeTextFile(path, text);
  await Deno.writeFile(`${path}${BROTLI}`, brotliCompressSync(text));
}
