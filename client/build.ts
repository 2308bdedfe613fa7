/**
 * Bundles what browsers are given into `static/built`. With `--watch` it goes on, and does so again whenever a source
 * changes; then nothing is minified.
 *
 * @module
 */

/** A file of `static/built`, and where it comes from. */
interface Bundle {
  readonly file: string;
  readonly source: string;
  /** Flags of `deno bundle` in addition to those of all bundles. */
  readonly flags?: readonly string[];
}

const SCRIPT = ["--format", "iife"];

const BUNDLES: readonly Bundle[] = [
  // First, since the widget has its styles as texts.
  { file: "widget.css", source: "client/widget/launcher.css" },
  { file: "widget-chat.css", source: "client/widget/chat/chat_sheet.css" },
  { file: "widget-panel.css", source: "client/widget/chat/chat.css" },
  { file: "app.js", source: "client/ui/app.tsx" },
  { file: "admin.js", source: "client/admin/admin.tsx" },
  { file: "linkify.js", source: "client/ui/views/linkify.ts" },
  { file: "halley.js", source: "client/comet/halley.ts" },
  { file: "theme.js", source: "client/ui/storage/theme_boot.ts", flags: SCRIPT },
  { file: "widget.js", source: "client/widget/widget.ts", flags: SCRIPT },
  { file: "widget-chat.js", source: "client/widget/chat/in_english.ts" },
  { file: "widget-chat-zh.js", source: "client/widget/chat/in_chinese.ts" },
];

const FOLDER = "static/built";

if (Deno.args[0] === "--watch") await Promise.all(BUNDLES.map(watch));
else await buildAll();

async function buildAll(): Promise<void> {
  const [styles, scripts] = [true, false].map((isStyle) =>
    BUNDLES.filter(({ file }) => file.endsWith(".css") === isStyle)
  );
  await Promise.all(styles?.map(build) ?? []);
  await Promise.all(scripts?.map(build) ?? []);
}

async function build(bundle: Bundle): Promise<void> {
  const { success } = await start(bundle, ["--minify"]).status;
  if (!success) Deno.exit(1);
}

async function watch(bundle: Bundle): Promise<void> {
  await start(bundle, ["--watch"]).status;
}

function start({ file, source, flags = [] }: Bundle, more: readonly string[]): Deno.ChildProcess {
  const usual = ["--quiet", "--platform", "browser", "--output", `${FOLDER}/${file}`];
  return new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...usual, ...flags, ...more, source],
    stdin: "null",
  }).spawn();
}
