import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { signIn } from "../../client/comet/halley.ts";
import { delay } from "../../server/base/delay.ts";
import { waitUntil } from "../support/wait_until.ts";
import { FROM_SOURCES } from "../support/server_process.ts";
import { BackEnd, KEYS, linesOf, runCommand, withoutTimes } from "./back_end.ts";

Deno.test("[E5] tail prints new messages of its channels, and no others", async () => {
  await using board = await BackEnd.start();
  await board.publish("room:tea", "earlier");
  await using tail = await board.spawn({
    args: ["tail", "room:tea", "everyone", "--history", "1"],
    settings: { HALLEY_KEY: KEYS.read },
  });
  await tail.line(/earlier/);

  await board.publish("room:tea", "one");
  await board.publish("room:milk", "not printed");
  await board.publish("everyone", "two");
  await tail.line(/two/);
  tail.kill("SIGINT");

  const { stdout, stderr } = await tail.ended();
  assertEquals(withoutTimes(stdout), [
    "room:tea * earlier",
    "room:tea * one",
    "everyone * two",
  ]);
  assertEquals(stderr, "");
});

Deno.test("[E23] tail prints the messages of all rooms of a pattern, with their names", async () => {
  await using board = await BackEnd.start();
  await board.publish("room:support-1", "earlier");
  await using tail = await board.spawn({
    args: ["tail", "room:support-*", "room:support-1", "--history", "5"],
    settings: { HALLEY_KEY: KEYS.patterns },
  });
  await tail.line(/earlier/);

  await board.publish("room:support-1", "one");
  await board.publish("room:milk", "not printed");
  await board.publish("room:support-new", "two");
  await tail.line(/two/);
  tail.kill("SIGINT");

  assertEquals(withoutTimes((await tail.ended()).stdout), [
    "room:support-1 * earlier",
    "room:support-1 * one",
    "room:support-new * two",
  ]);
});

Deno.test("[E5] notices to everyone are printed only if requested", async () => {
  await using board = await BackEnd.start();
  await using tail = await board.spawn({ args: ["tail", "room:tea", "--cursor", "position"] });
  await waitUntil(() => exists(`${tail.folder}/position`), "tail has a cursor");

  await board.publish("everyone", "not printed");
  await board.publish("room:tea", "one");
  await tail.line(/one/);
  tail.kill("SIGINT");

  assertEquals(withoutTimes((await tail.ended()).stdout), ["* one"]);
});

Deno.test("[E7] with --json each line is the message as the API returns it", async () => {
  await using board = await BackEnd.start();
  await board.publish("room:tea", "hello\x1b[31m");

  const { stdout } = await board.run({
    args: ["tail", "room:tea", "--json", "--history", "1", "--limit", "1"],
  });

  assertEquals(linesOf(stdout).map((line) => JSON.parse(line)), await board.history("room:tea"));
  assertStringIncludes(stdout, "hello\\u001b[31m");
});

Deno.test("[E24] tail prints edits and deletions of its channels, also as JSON", async () => {
  await using board = await BackEnd.start();
  await using text = await board.spawn({ args: ["tail", "room:tea", "--cursor", "position"] });
  await using json = await board.spawn({
    args: ["tail", "room:tea", "--cursor", "position", "--json"],
  });
  for (const { folder } of [text, json]) {
    await waitUntil(() => exists(`${folder}/position`), "tail has a cursor");
  }
  const id = await board.publish("room:tea", "hello");
  const elsewhere = await board.publish("room:milk", "not printed");

  await board.change(id, { text: "hello\x1b[31m again" });
  await board.change(elsewhere, { text: "not printed either" });
  await board.change(id);
  await board.publish("room:tea", "last");
  for (const tail of [text, json]) {
    await tail.line(/deleted/);
    await tail.line(/last/);
    tail.kill("SIGINT");
  }

  const printed = withoutTimes((await text.ended()).stdout).filter((line) => line !== "* last");
  const entries = linesOf((await json.ended()).stdout).map((line) => JSON.parse(line));
  const changes = entries.filter((entry) => "message" in entry);
  const time = /\d\d:\d\d:\d\d/;
  assertEquals(printed.map((line) => line.replace(time, "(time)")).slice(-1), ["deleted (time) *"]);
  assertEquals(changes.at(-1).message.id, id);
  assertEquals(typeof changes.at(-1).message.deletedAt, "number");
  assertEquals([...printed, ...entries.map((one) => one.channel)].join().includes("milk"), false);
});

Deno.test("[E11] the history is printed first: the requested number of messages of all channels together", async () => {
  await using board = await BackEnd.start();
  for (let n = 1; n <= 130; n++) await board.publish(n % 2 ? "room:tea" : "room:milk", `${n}.`);

  const all = await board.run({
    args: ["tail", "room:tea", "room:milk", "--history", "125", "--limit", "125"],
  });
  const few = await board.run({ args: ["tail", "room:tea", "--history", "9", "--limit", "2"] });

  assertEquals(all.code, 0);
  assertEquals(
    withoutTimes(all.stdout),
    Array.from({ length: 125 }, (_, n) => n + 6).map((n) =>
      `${n % 2 ? "room:tea" : "room:milk"} * ${n}.`
    ),
  );
  assertEquals(withoutTimes(few.stdout), ["* 127.", "* 129."]);
});

Deno.test("[E11] no message is missing or repeated between the history and new messages", async () => {
  await using board = await BackEnd.start();
  await board.publish("room:tea", "1");
  await using tail = await board.spawn({ args: ["tail", "room:tea", "--history", "1000"] });

  for (let n = 2; n <= 400; n++) await board.publish("room:tea", String(n));
  await tail.line(/ 400$/);
  tail.kill("SIGINT");

  const { stdout } = await tail.ended();
  assertEquals(withoutTimes(stdout), Array.from({ length: 400 }, (_, n) => `* ${n + 1}`));
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`[E13] on ${signal} tail ends with status 0, and prints nothing`, async () => {
    await using board = await BackEnd.start();
    await using tail = await board.spawn({ args: ["tail", "room:tea", "--cursor", "position"] });
    await waitUntil(() => exists(`${tail.folder}/position`), "tail has a cursor");

    tail.kill(signal);

    const { code, stdout, stderr } = await tail.ended();
    assertEquals({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
  });
}

Deno.test("[E13] when its output is closed, tail ends with status 0, and prints nothing", async () => {
  await using board = await BackEnd.start();
  for (const text of ["1", "2", "3"]) await board.publish("room:tea", text);
  const args = ["tail", "room:tea", "--history", "3", "--cursor", "position"];
  const script = '("$@"; echo "status $?" >&2) | head -1';
  await using tail = await board.spawn({
    args,
    command: ["sh", "-c", script, "sh", ...FROM_SOURCES],
  });
  await tail.line(/\* 1$/);

  // The pipe may still accept some lines.
  for (let n = 4; !tail.output.includes("status"); n++) {
    await board.publish("room:tea", String(n));
    await delay(20);
  }

  const { stdout, stderr } = await tail.ended();
  assertEquals([withoutTimes(stdout), stderr], [["* 1"], "status 0\n"]);
});

Deno.test("[E4] a key without the read scope ends tail at once, with status 1", async () => {
  await using board = await BackEnd.start();
  const tail = (HALLEY_KEY: string) =>
    board.run({ args: ["tail", "room:tea"], settings: { HALLEY_KEY } });

  const writer = await tail(KEYS.publish);
  const unknown = await tail("wrong");

  assertEquals([writer.code, unknown.code], [1, 1]);
  assertMatch(writer.stderr, /^HALLEY_KEY does not allow this: .* scope "read"\n$/);
  assertMatch(unknown.stderr, /does not accept HALLEY_KEY/);
});

Deno.test("[E18] tail ends with status 1 if it may not read one of its channels, and names it", async () => {
  await using board = await BackEnd.start({ GUEST_READ: "room:tea" });
  const { privateToken } = await signIn({ url: board.url, displayName: "alice" });

  const { code, stderr } = await board.run({
    args: ["tail", "room:tea", "room:secret"],
    settings: { HALLEY_KEY: privateToken },
  });

  assertEquals([code, stderr], [1, 'HALLEY_KEY does not have the right to read "room:secret"\n']);
});

Deno.test("[E9] a cursor file that is something else, or cannot be written, ends tail with status 1", async () => {
  await using board = await BackEnd.start();
  const files = { "letter.txt": "Dear Bob,\n" };

  const other = await board.run({ args: ["tail", "room:tea", "--cursor", "letter.txt"], files });
  const nowhere = await board.run({ args: ["tail", "room:tea", "--cursor", "missing/position"] });

  assertEquals([other.code, nowhere.code], [1, 1]);
  assertMatch(other.stderr, /^"letter.txt" does not contain a cursor/);
  assertMatch(nowhere.stderr, /^Cannot write "missing\/position": /);
});

Deno.test("[E16] no error message contains the key", async () => {
  await using board = await BackEnd.start();
  const key = "secret-0123456789abcdefghij";
  const settings = { HALLEY_KEY: key };
  const unreachable = { ...settings, HALLEY_URL: "http://127.0.0.1:9" };

  const results = [
    await board.run({ args: ["send", "room:tea", "hello"], settings }),
    await runCommand({
      args: ["send", "room:tea", "hello", "--timeout", "1"],
      settings: unreachable,
    }),
    await board.run({ args: ["tail", "room:tea"], settings }),
    await board.run({ args: ["token", "session", "7"], settings }),
    await runCommand({ args: ["token", "session", "7"], settings: unreachable }),
    await board.run({ args: ["token", "key"], settings }),
  ];

  assertEquals(results.map(({ code }) => code), [1, 3, 1, 1, 1, 2]);
  for (const { stdout, stderr } of results) {
    assertEquals((stdout + stderr).includes(key), false, stdout + stderr);
  }
});

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}
