import { assertEquals } from "@std/assert";
import { erase, refusalOf, startJob } from "../core/hub/erasing.ts";
import { stopClock } from "../support/clock.ts";
import { png } from "../support/picture_bytes.ts";
import { WallClock } from "../support/wall_clock.ts";
import { OpenedFiles } from "./opened_files.ts";

const HOUR = 3_600_000;

/** A picture with a thumbnail. */
async function uploadPicture(open: OpenedFiles, owner: Parameters<OpenedFiles["upload"]>[0]) {
  const { id } = await open.upload(owner, png());
  await open.files.addThumbnail(owner.publicToken, id, {
    content: new Blob([new Uint8Array(png())]).stream(),
  });
  return id;
}

Deno.test("[O111] files that no message has are removed a day after they were uploaded", async () => {
  using clock = new WallClock();
  await using open = await OpenedFiles.open();
  const alice = await open.test.signIn("alice");
  const kept = await open.upload(alice, "kept");
  await open.test.send(alice, { channel: "room:tea", files: [kept.id] });
  const id = await uploadPicture(open, alice);

  clock.offset = 23 * HOUR;
  assertEquals(await open.sweep(), 3);
  clock.offset = 25 * HOUR;
  assertEquals(await open.sweep(), 1);

  assertEquals(await open.read(kept.id), "kept");
  assertEquals(await refusalOf(() => open.read(id)), "not_found");
  assertEquals((await open.files.listOf(alice.publicToken)).map(({ id }) => id), [kept.id]);
});

Deno.test("[O111] files whose message retention has removed are removed by a sweep", async () => {
  using clock = new WallClock();
  await using open = await OpenedFiles.open({ retention: { maxAgeMs: HOUR } });
  const alice = await open.test.signIn("alice");
  const id = await uploadPicture(open, alice);
  await open.test.send(alice, { channel: "room:tea", files: [id] });

  clock.offset = 2 * HOUR;
  await open.test.store.log.trim(Date.now());

  assertEquals(await refusalOf(() => open.files.find(alice, id)), "not_found");
  assertEquals(await open.sweep(), 0);
});

Deno.test("[O112] a message has its files if the process has ended before that was recorded", async () => {
  using clock = new WallClock();
  await using open = await OpenedFiles.open();
  const alice = await open.test.signIn("alice");
  const bob = await open.test.signIn("bob");
  const file = await open.upload(alice, "one");
  const attachment = {
    owner: alice.publicToken,
    ids: [file.id],
    channel: "room:tea",
    key: "k",
  };
  await open.files.reserve(attachment);
  const draft = { channel: "room:tea", from: alice.person, files: [file], key: "k" };
  const [appended] = await open.test.store.log.append([draft]);
  await open.test.say(alice, "room:tea", "later");

  assertEquals((await open.files.find(bob, file.id)).file, file);
  clock.offset = 48 * HOUR;
  assertEquals(await open.sweep(), 1);
  // Its sender, who got no answer, repeats it.
  const again = await open.test.send(alice, { channel: "room:tea", files: [file.id], key: "k" });
  assertEquals(again.id, appended?.message.id);
});

Deno.test("[O112] the same sweep finds this when nobody has asked for the file", async () => {
  using clock = new WallClock();
  await using open = await OpenedFiles.open();
  const alice = await open.test.signIn("alice");
  const file = await open.upload(alice, "one");
  await open.files.reserve({ owner: alice.publicToken, ids: [file.id], channel: "room:tea" });
  await open.test.store.log.append([{ channel: "room:tea", from: alice.person, files: [file] }]);

  clock.offset = 48 * HOUR;

  assertEquals(await open.sweep(), 1);
  assertEquals(await open.read(file.id), "one");
});

Deno.test("[O112] a file can be sent again if the process has ended before its message was stored", async () => {
  using clock = new WallClock();
  await using open = await OpenedFiles.open();
  const alice = await open.test.signIn("alice");
  const { id } = await open.upload(alice, "one");
  const sending = { channel: "room:tea", files: [id] };
  await open.files.reserve({ owner: alice.publicToken, ids: [id], channel: "room:tea", key: "k" });

  assertEquals(await refusalOf(() => open.test.send(alice, sending)), "unknown_file");
  clock.offset = HOUR;
  await open.sweep();

  assertEquals((await open.test.send(alice, { ...sending, key: "k" })).files?.length, 1);
});

Deno.test("[O112] contents without a record are removed a day later", async () => {
  using clock = new WallClock();
  await using open = await OpenedFiles.open();
  const alice = await open.test.signIn("alice");
  const { id } = await open.upload(alice, "one");
  await open.test.store.keyValue.remove(`file ${id}`);
  await Deno.writeTextFile(`${open.folder.path}/${id}-other.part`, "half");

  assertEquals(await open.sweep(), 2);
  clock.offset = 25 * HOUR;

  assertEquals(await open.sweep(), 0);
});

Deno.test("[O114] an erasure removes all files of a person, and those of messages to the person", async () => {
  using clock = stopClock();
  await using open = await OpenedFiles.open();
  const { test } = open;
  const [alice, bob] = [await test.signIn("alice"), await test.signIn("bob")];
  await open.upload(alice, "unsent");
  const sent = await uploadPicture(open, alice);
  await test.send(alice, { channel: "room:tea", files: [sent] });
  const toAlice = await open.upload(bob, "for alice");
  await test.send(bob, { channel: `direct:${alice.publicToken}`, files: [toAlice.id] });
  const other = await open.upload(bob, "for everyone");
  await test.send(bob, { channel: "room:tea", files: [other.id] });
  await using _job = startJob(test);

  await erase(test, clock, alice);

  assertEquals(open.stored, 1);
  assertEquals(await open.read(other.id), "for everyone");
  assertEquals(await open.test.store.keyValue.get(`files of ${alice.publicToken}`), undefined);
});

Deno.test("[O115] the export of a person has the files that the person has uploaded", async () => {
  await using open = await OpenedFiles.open();
  const alice = await open.test.signIn("alice");
  const [sent, unsent] = [await open.upload(alice, "sent"), await open.upload(alice, "unsent")];
  await open.test.send(alice, { channel: "room:tea", files: [sent.id] });

  const lines = (await Array.fromAsync(await open.test.hub.exports.session(alice.publicToken)))
    .flat();

  assertEquals(lines.flatMap((line) => "file" in line ? [line.file] : []), [sent, unsent]);
  assertEquals(lines.flatMap((line) => "message" in line ? line.message.files ?? [] : []), [sent]);
});
