import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import manifest from "../deno.json" with { type: "json" };

/** Where systems keep a Chromium, or a browser that is one by another name. */
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

const WHAT_TO_DO = "Cannot open a Chromium for the browser tests. Install one (such as " +
  "`apt install chromium`, or Google Chrome), or name one in CHROMIUM_PATH";

/** Where it stands which fonts there are, in the folder of the packaged Chromium. */
const FONTS_FILE = "halley-fonts.conf";

/** A Chromium, and what its process needs in its environment. */
interface Program {
  readonly executablePath: string;
  readonly env?: Record<string, string>;
}

/**
 * Opens a Chromium without a window: the one that `CHROMIUM_PATH` names, else the system's, else the one in the package
 * `@sparticuz/chromium`. Throws what to do about it if none of them opens.
 */
export async function openBrowser(): Promise<Browser> {
  const failures: unknown[] = [];
  for await (const program of programs()) {
    try {
      // Playwright leaves Chromium's own sandbox out unless it is asked for, as root and most containers need it.
      return await chromium.launch({ ...program, headless: true });
    } catch (error) {
      // An installed one may be a mere pointer to a package that is not there: the next one may open.
      failures.push(error);
    }
  }
  throw new AggregateError(failures, [WHAT_TO_DO, ...failures.map(String)].join("\n\n"));
}

async function* programs(): AsyncGenerator<Program> {
  const named = Deno.env.get("CHROMIUM_PATH");
  if (named) return yield { executablePath: named };
  for (const executablePath of INSTALLED) {
    if (await exists(executablePath)) yield { executablePath };
  }
  if (Deno.build.os === "linux" && Deno.build.arch === "x86_64") yield await packaged();
}

/** The package's Chromium, with the libraries that a bare system lacks. It is unpacked once for each version. */
async function packaged(): Promise<Program> {
  const version = manifest.imports["@sparticuz/chromium"].replace(/^.*@\D*/, "");
  const folder = join(homedir(), ".cache", "halley", `chromium-${version}`);
  if (!await exists(folder)) await unpack(folder);
  return {
    executablePath: join(folder, "chromium"),
    env: {
      ...Deno.env.toObject(),
      LD_LIBRARY_PATH: join(folder, "al2023", "lib"),
      FONTCONFIG_FILE: join(folder, FONTS_FILE),
    },
  };
}

/** Unpacks elsewhere and then renames: neither a test beside this one nor the next run finds half a Chromium. */
async function unpack(folder: string): Promise<void> {
  await Deno.mkdir(dirname(folder), { recursive: true });
  const started = await Deno.makeTempDir({ dir: dirname(folder) });
  // In a process of its own, since the package goes by the environment: it unpacks into TMPDIR, and the libraries only
  // where it believes to run on AWS.
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", 'await (await import("@sparticuz/chromium")).default.executablePath()'],
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

/** The package's own file looks for its fonts where AWS has them; and without any font Chromium breaks down. */
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
