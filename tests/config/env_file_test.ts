import { assertEquals, assertRejects } from "@std/assert";
import { ConfigError } from "../../server/base/setting_reader.ts";
import { inspectSettings } from "../../server/config/config.ts";
import { ignoredSettings } from "../../server/config/ignored_settings.ts";
import { readEnvFile } from "../../server/config/setting_sources.ts";
import { TestFolder } from "../support/test_folder.ts";

const utf8 = new TextEncoder();

async function read(content: string | Uint8Array<ArrayBuffer>) {
  using folder = TestFolder.make();
  const path = `${folder.path}/.env`;
  await Deno.writeFile(path, typeof content === "string" ? utf8.encode(content) : content);
  return { ...await readEnvFile(path), name: ".env" };
}

/** What a start would say about a file. */
async function ignoredIn(content: string): Promise<readonly string[]> {
  const source = await read(content);
  return ignoredSettings([source], inspectSettings(source.values).read.settings);
}

function utf16(text: string, isLittleEndian: boolean): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), isLittleEndian);
  return new Uint8Array(view.buffer);
}

for (
  const [what, content] of [
    ["begins with a byte order mark", "\ufeffAUTH=jwt\nPORT=81\n"],
    ["was joined from files with byte order marks", "PORT=81\n\ufeffAUTH=jwt\n"],
    ["has the line ends of Windows", "\ufeffAUTH=jwt\r\nPORT=81\r\n"],
    ["ends lines with carriage returns", "# settings\rAUTH=jwt\rPORT=81\r"],
  ] as const
) {
  Deno.test(`[O46] a .env file that ${what} is read`, async () => {
    const { values, ignoredLines } = await read(content);

    assertEquals(values, { AUTH: "jwt", PORT: "81" });
    assertEquals(ignoredLines, []);
  });
}

for (
  const [what, content, fault] of [
    ["UTF-16 LE with a byte order mark", utf16("\ufeffAUTH=jwt\n", true), "zero bytes"],
    ["UTF-16 BE with a byte order mark", utf16("\ufeffAUTH=jwt\n", false), "zero bytes"],
    ["UTF-16 LE", utf16("AUTH=jwt\n", true), "zero bytes"],
    ["UTF-16 LE without an ASCII character", utf16("\ufeff设置", true), "not UTF-8"],
    ["Latin-1", Uint8Array.of(0x23, 0xfc, 0x0a), "not UTF-8"],
  ] as const
) {
  Deno.test(`[O46] a .env file in ${what} is refused, with the remedy`, async () => {
    await assertRejects(() => read(content), ConfigError, fault);
    await assertRejects(() => read(content), ConfigError, '/.env": it contains');
    await assertRejects(() => read(content), ConfigError, "Save it as UTF-8");
  });
}

for (
  const [content, warnings] of [
    ["LIMTS=off", [
      "LIMTS in .env is not a setting of Halley and is ignored: did you mean LIMITS?",
    ]],
    ["auth=jwt", ["auth in .env is not a setting of Halley and is ignored: did you mean AUTH?"]],
    ["HALLEY_PORT=1", [
      "HALLEY_PORT in .env is not a setting of Halley and is ignored: did you mean PORT?",
    ]],
    ["ALLOWED-ORIGIN=*", [
      "ALLOWED-ORIGIN in .env is not a setting of Halley and is ignored: did you mean ALLOWED_ORIGINS?",
    ]],
    ["AUTH\u00a0=jwt", [
      "AUTH\u00a0 in .env is not a setting of Halley and is ignored: did you mean AUTH?",
    ]],
    ["AUTHENTICATION=jwt", ["AUTHENTICATION in .env is not a setting of Halley and is ignored"]],
    ["PORT=81\nAUTH: jwt\nAUTH jwt", [
      "Line 2 of .env is not a setting and is ignored: settings have the form NAME=value",
      "Line 3 of .env is not a setting and is ignored: settings have the form NAME=value",
    ]],
    ["A".repeat(64) + "=", [
      `${"A".repeat(20)}… in .env is not a setting of Halley and is ignored`,
    ]],
  ] as const
) {
  Deno.test(`[O47] ${JSON.stringify(content)} is reported, with the setting that was meant`, async () => {
    assertEquals(await ignoredIn(content), warnings);
  });
}

Deno.test("[O47] settings, comments, blank lines and quoted values are not reported", async () => {
  const example = await Deno.readTextFile(new URL("../../.env.example", import.meta.url));

  assertEquals(await ignoredIn(example.replaceAll(/^# (?=[A-Z_]+=)/gm, "")), []);
  assertEquals(
    await ignoredIn(
      "\n  # it's a comment: yes\nexport PORT = 81 # the port\nHALLEY_KEY=x\n" +
        'JWT_PUBLIC_KEY="-----BEGIN PUBLIC KEY-----\nMIIB: x\n-----END PUBLIC KEY-----"\nLIMITS=\n \n',
    ),
    [],
  );
});
