/**
 * Bundles the page, the admin page, the library and the widget into `static/built`. With `--readable`, as
 * `deno task dev` runs it, the output is not minified.
 *
 * @module
 */

/** A file of `static/built` and the source it is made from. */
interface Bundle {
  readonly file: string;
  readonly source: string;
  /** `iife` for classic scripts; by default a module. */
  readonly format?: "esm" | "iife";
}

/** Built first, because the script of the widget imports its style sheets as text. */
const STYLES: readonly Bundle[] = [
  { file: "widget.css", source: "client/widget/launcher.css" },
  { file: "widget-chat.css", source: "client/widget/chat/chat_sheet.css" },
  { file: "widget-panel.css", source: "client/widget/chat/chat.css" },
];

const SCRIPTS: readonly Bundle[] = [
  { file: "app.js", source: "client/ui/app.tsx" },
  { file: "admin.js", source: "client/admin/admin.tsx" },
  { file: "linkify.js", source: "client/ui/views/linkify.ts" },
  { file: "halley.js", source: "client/comet/halley.ts" },
  { file: "theme.js", source: "client/ui/storage/theme_boot.ts", format: "iife" },
  { file: "widget.js", source: "client/widget/widget.ts", format: "iife" },
  { file: "widget-chat.js", source: "client/widget/chat/in_english.ts" },
  { file: "widget-chat-zh.js", source: "client/widget/chat/in_chinese.ts" },
];

const FOLDER = "static/built";
const isReadable = Deno.args.includes("--readable");

await Deno.mkdir(FOLDER, { recursive: true });
for (const bundles of [STYLES, SCRIPTS]) {
  const texts = new Map<string, string>();
  // One at a time: the first one installs esbuild in Deno's cache, and others that start beside it race for that file.
  for (const bundle of bundles) texts.set(bundle.file, await build(bundle));
  // All at once, so that `deno task dev` restarts the server only once.
  for (const [file, text] of texts) await writeIfChanged(`${FOLDER}/${file}`, text);
}

async function build({ file, source, format = "esm" }: Bundle): Promise<string> {
  const { errors, outputFiles = [] } = await Deno.bundle({
    entrypoints: [source],
    outputPath: `${FOLDER}/${file}`,
    platform: "browser",
    format,
    minify: !isReadable,
    write: false,
  });
  for (const { text, location } of errors) {
    console.error(`Cannot bundle ${location?.file ?? source}:${location?.line ?? ""} ${text}`);
  }
  if (errors.length > 0) Deno.exit(1);
  return outputFiles.map((output) => output.text()).join("");
}

async function writeIfChanged(path: string, text: string): Promise<void> {
  const current = await Deno.readTextFile(path).catch(() => undefined);
  if (text !== current) await Deno.writeTextFile(path, text);
}
