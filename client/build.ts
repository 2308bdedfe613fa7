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

const BUNDLES: readonly Bundle[] = [
  // The style sheets of the widget come first: its script imports them as text.
  { file: "widget.css", source: "client/widget/launcher.css" },
  { file: "widget-chat.css", source: "client/widget/chat/chat_sheet.css" },
  { file: "widget-panel.css", source: "client/widget/chat/chat.css" },
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
// One at a time: the first bundle installs esbuild in Deno's cache, and bundles that start beside it race for that file.
for (const bundle of BUNDLES) await build(bundle);

async function build({ file, source, format = "esm" }: Bundle): Promise<void> {
  const outputPath = `${FOLDER}/${file}`;
  const { errors, outputFiles = [] } = await Deno.bundle({
    entrypoints: [source],
    outputPath,
    platform: "browser",
    format,
    minify: !isReadable,
    write: false,
  });
  for (const { text, location } of errors) {
    console.error(`Cannot bundle ${location?.file ?? source}:${location?.line ?? ""} ${text}`);
  }
  if (errors.length > 0) Deno.exit(1);
  for (const output of outputFiles) await writeIfChanged(outputPath, output.text());
}

/** Leaves equal files alone, so that `deno task dev` restarts the server only when something has changed. */
async function writeIfChanged(path: string, text: string): Promise<void> {
  const current = await Deno.readTextFile(path).catch(() => undefined);
  if (text !== current) await Deno.writeTextFile(path, text);
}
