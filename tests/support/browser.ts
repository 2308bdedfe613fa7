import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import manifest from "../deno.json" with { type: "json" };

/** Paths where systems install Chromium or a browser based on it. */
const INSTALLED = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/opt/google/chrome/chrome",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:/Program Files/Google/Chrome/Application/chrome.exe",
  "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
];

const HOW_TO_INSTALL = "Cannot open a Chromium for the browser tests. Install one (such as " +
  "`apt install chromium`, or Google Chrome), or name one in CHROMIUM_PATH";

/** The font configuration, in the folder of the packaged Chromium. */
const FONTS_FILE = "halley-fonts.conf";

/** The process of a page is much of what a page costs. */
const ONE_PROCESS = ["--renderer-process-limit=1", "--in-process-gpu"];

/** A Chromium executable, and the environment that it needs. */
interface Program {
  readonly executablePath: string;
  readonly env?: Record<string, string>;
}

/**
 * Opens a headless Chromium: the one that `CHROMIUM_PATH` names, or the system's, or the one in the package
 * `@sparticuz/chromium`. Its pages share a process, unless that would change what a test shows: a page that is paused stops the
 * others with it. If none opens, throws an error that says what to install. `args` are added to its command line.
 */
export function openBrowser(...args: string[]): Promise<Browser> {
  return open([...ONE_PROCESS, ...args]);
}

/** The same, with a process for each page. */
export function openBrowserOfProcesses(): Promise<Browser> {
  return open([]);
}

async function open(args: string[]): Promise<Browser> {
  const failures: unknown[] = [];
  for await (const program of programs()) {
    try {
      // Playwright disables Chromium's sandbox by default. Root and most containers need that.
      return await chromium.launch({ ...program, args, headless: true });
    } catch (error) {
      // An installed one can be a stub for a package that is not installed: try the next one.
      failures.push(error);
    }
  }
  throw new AggregateError(failures, [HOW_TO_INSTALL, ...failures.map(String)].join("\n\n"));
}

/**
 * Opens Chromium 109, the oldest one that the page and the widget support: the one in the package
 * `@sparticuz/chromium-109`. Works only where `hasPackagedBrowsers`.
 */
export async function openOldBrowser(): Promise<Browser> {
  const { env } = await packaged("@sparticuz/chromium");
  const { executablePath } = await packaged("@sparticuz/chromium-109");
  // With the libraries and the fonts of the newer one: its own package has fewer.
  return await chromium.launch({ executablePath, ...(env && { env }), headless: true });
}

/** Packages have a Chromium only for this system. */
export const hasPackagedBrowsers = Deno.build.os === "linux" && Deno.build.arch === "x86_64";

async function* programs(): AsyncGenerator<Program> {
  const named = Deno.env.get("CHROMIUM_PATH");
  if (named) return yield { executablePath: named };
  for (const executablePath of INSTALLED) {
    if (await exists(executablePath)) yield { executablePath };
  }
  if (hasPackagedBrowsers) yield await packaged("@sparticuz/chromium");
}

type ChromiumPackage = "@sparticuz/chromium" | "@sparticuz/chromium-109";

/** The package's Chromium, with libraries that a minimal system lacks. Each version is unpacked once. */
async function packaged(name: ChromiumPackage): Promise<Program> {
  const version = manifest.imports[name].replace(/^.*@\D*/, "");
  const folder = join(homedir(), ".cache", "halley", `chromium-${version}`);
  if (!await exists(folder)) await unpack(name, folder);
  return {
    executablePath: join(folder, "chromium"),
    env: {
      ...Deno.env.toObject(),
      LD_LIBRARY_PATH: join(folder, "al2023", "lib"),
      FONTCONFIG_FILE: join(folder, FONTS_FILE),
    },
  };
}

/** Unpacks into another folder and then renames it, so that no concurrent test finds an incomplete Chromium. */
async function unpack(name: ChromiumPackage, folder: string): Promise<void> {
  await Deno.mkdir(dirname(folder), { recursive: true });
  const started = await Deno.makeTempDir({ dir: dirname(folder) });
  // In its own process, because the package depends on the environment: it unpacks into TMPDIR, and unpacks the libraries
  // only on AWS.
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", `await (await import("${name}")).default.executablePath()`],
    cwd: import.meta.dirname!,
    env: { TMPDIR: started, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x" },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  await Deno.writeTextFile(join(started, FONTS_FILE), fontsFile(folder));
  try {
    await Deno.rename(started, folder);
  } catch (error) {
    if (!await exists(folder)) throw error;
    await Deno.remove(started, { recursive: true });
  }
}

/** The package's own configuration has the paths of AWS. Without any font, Chromium crashes. */
function fontsFile(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, "fonts")}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(folder, "fonts-cache")}</cachedir>
</fontconfig>
`;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}
