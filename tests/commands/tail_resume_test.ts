import { assertEquals, assertMatch } from "@std/assert";
import { RestartableServer } from "../support/restartable_server.ts";
import { TestFolder } from "../support/test_folder.ts";
import { API_KEYS, BackEnd, withoutTimes } from "./back_end.ts";

Deno.test("[E8] tail continues at its position after Ctrl-C, --limit and kill -9", async () => {
  await using board = await BackEnd.start();
  using folder = TestFolder.make();
  const args = ["tail", "room:tea", "--cursor", "position"];
  const call = { args, folder: folder.path };
  await board.publish("room:tea", "0");
  await using first = await board.spawn({ ...call, args: [...args, "--history", "1"] });
  await first.line(/ 0$/);
  await board.publish("room:tea", "1");
  await first.line(/ 1$/);
  first.kill("SIGINT");
  const atFirst = await first.ended();

  for (const text of ["2", "3", "4"]) await board.publish("room:tea", text);
  // All three are in one reply: the position is within it.
  const limited = await board.run({ ...call, args: [...args, "--limit", "2", "--history", "9"] });
  await using killed = await board.spawn(call);
  await killed.line(/ 4$/);
  killed.kill("SIGKILL");
  await killed.ended();
  await board.publish("room:tea", "5");
  await using last = await board.spawn(call);
  await last.line(/ 5$/);
  last.kill("SIGINT");
  const atLast = await last.ended();

  assertEquals(withoutTimes(atFirst.stdout), ["* 0", "* 1"]);
  assertEquals(withoutTimes(limited.stdout), ["* 2", "* 3"]);
  // Killed between printing a line and storing the position, it prints that line again.
  assertEquals(withoutTimes(atLast.stdout).filter((line) => line !== "* 4"), ["* 5"]);
});

Deno.test("[E12] tail continues after restarts of the server, without missing or repeating a message", async () => {
  await using halley = await RestartableServer.start({ API_KEYS });
  const board = new BackEnd(halley.url, halley);
  await board.publish("room:tea", "0");
  await using tail = await board.spawn({ args: ["tail", "room:tea", "--history", "1"] });
  await tail.line(/ 0$/);

  for (let round = 1; round <= 3; round++) {
    await halley.kill();
    await halley.restart();
    await board.publish("room:tea", String(round));
    await tail.line(new RegExp(` ${round}$`));
  }
  tail.kill("SIGINT");

  const { code, stdout, stderr } = await tail.ended();
  assertEquals([code, withoutTimes(stdout)], [0, ["* 0", "* 1", "* 2", "* 3"]]);
  assertMatch(stderr, /is unavailable or asks to wait.*\. Retrying\n/);
  assertMatch(stderr, / is available again\n$/);
});

Deno.test("[E12] tail waits for a server that is not running yet", async () => {
  await using halley = await RestartableServer.start({ API_KEYS });
  const board = new BackEnd(halley.url, halley);
  await board.publish("room:tea", "1");
  await halley.kill();
  await using tail = await board.spawn({ args: ["tail", "room:tea", "--history", "1"] });
  await tail.line(/is unavailable/);

  await halley.restart();

  await tail.line(/ 1$/);
});

Deno.test("[E10] tail reports on the standard error that messages are lost for good", async () => {
  // A store in memory is empty after a restart.
  await using halley = await RestartableServer.start({ API_KEYS, STORE: "memory" });
  const board = new BackEnd(halley.url, halley);
  await board.publish("room:tea", "old 1");
  await board.publish("room:tea", "old 2");
  await using tail = await board.spawn({ args: ["tail", "room:tea", "--history", "2"] });
  await tail.line(/old 2/);
  await halley.kill();
  await halley.restart();

  await board.publish("room:tea", "new 1");
  await tail.line(/new 1/);
  tail.kill("SIGINT");

  const { stdout, stderr } = await tail.ended();
  assertEquals(withoutTimes(stdout), ["* old 1", "* old 2", "* new 1"]);
  assertMatch(stderr, /^Messages may be missing here/m);
});
