import { assertEquals } from "@std/assert";
import type { Session } from "../../server/core/model/session.ts";
import { erase, refusalOf, startJob } from "../core/hub/erasing.ts";
import { stopClock } from "../support/clock.ts";
import { THUMBNAIL_BYTES } from "../../server/protocol/limits.ts";
import { png } from "../support/picture_bytes.ts";
import { openTestFiles } from "../support/test_files.ts";
import { OpenedFiles } from "./opened_files.ts";

Deno.test("[Y50] the files of one session take a limited space, until its messages are deleted", async () => {
  await using open = await OpenedFiles.open({ ownerBytes: 100 });
  const [alice, bob] = [await open.test.signIn("alice"), await open.test.signIn("bob")];
  const sixty = "x".repeat(60);
  const { id } = await open.upload(alice, sixty);
  const message = await open.test.send(alice, { channel: "room:tea", files: [id] });

  assertEquals(await refusalOf(() => open.upload(alice, sixty)), "too_many_files");
  await open.upload(alice, "x".repeat(40));
  await open.upload(bob, sixty);
  await open.test.hub.change(alice, message.id);

  await open.upload(alice, sixty);
  assertEquals(open.stored, 3);
});

Deno.test("[Y50] what an upload has taken is free again if it was not stored in the end", async () => {
  await using open = await OpenedFiles.open({ ownerBytes: 100 });
  const alice = await open.test.signIn("alice");
  const broken = new Uint8Array(60);
  broken.set([0xff, 0xd8, 0xff, 0xe0]);

  assertEquals(await refusalOf(() => open.upload(alice, broken)), "invalid_file");

  await open.upload(alice, "x".repeat(60));
  assertEquals(open.stored, 1);
});

Deno.test("[Y50] a file counts also if the same upload has come twice, and one of the two was cut off", async () => {
  await using open = await OpenedFiles.open({ ownerBytes: 100 });
  const alice = await open.test.signIn("alice");
  const ended = Promise.withResolvers<void>();
  const cutOff = open.files.upload(alice.publicToken, {
    name: "a",
    key: "k",
    size: 60,
    content: new ReadableStream({
      async start(controller) {
        controller.enqueue(new Uint8Array(10));
        await ended.promise;
        controller.error(new Error("The client has left"));
      },
    }),
  });
  await open.upload(alice, "x".repeat(60), "k");
  ended.resolve();

  assertEquals(await refusalOf(() => cutOff), "invalid_file");

  assertEquals(await refusalOf(() => open.upload(alice, "x".repeat(60))), "too_many_files");
});

Deno.test("[Y51] all files together take a limited space", async () => {
  const failures: string[] = [];
  await using open = await OpenedFiles.open({
    storageBytes: 100,
    onFailure: (reason) => failures.push(reason),
  });
  const [alice, bob] = [await open.test.signIn("alice"), await open.test.signIn("bob")];
  await open.upload(alice, "x".repeat(60));

  assertEquals(await refusalOf(() => open.upload(bob, "x".repeat(60))), "files_full");

  assertEquals(failures, ["All files together would exceed FILE_STORAGE"]);
  await open.upload(bob, "x".repeat(40));
});

/** An upload whose content ends when `end` is called. Once it is read, `started` resolves. */
function slowUpload({ files }: OpenedFiles, { publicToken }: Session, network?: string) {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const { promise: started, resolve: start } = Promise.withResolvers<void>();
  const done = files.upload(publicToken, {
    name: "slow",
    network,
    content: new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(1)),
      async pull(controller) {
        start();
        await ended;
        controller.close();
      },
    }),
  });
  return { done, end, started };
}

Deno.test("[O140] uploads that are running count for the space of their session and of all files", async () => {
  const limits = [[{ ownerBytes: 100 }, "too_many_files"], [
    { storageBytes: 100 },
    "files_full",
  ]] as const;
  for (const [limit, refusal] of limits) {
    await using open = await OpenedFiles.open({ fileBytes: 60, ...limit });
    const alice = await open.test.signIn("alice");
    const running = slowUpload(open, alice);
    await running.started;

    assertEquals(await refusalOf(() => open.upload(alice, "x".repeat(60))), refusal);
    running.end();

    assertEquals((await running.done).file.size, 1);
    assertEquals(open.stored, 1);
  }
});

Deno.test("[O140] uploads that begin at the same moment count for each other", async () => {
  for (const limit of [{ ownerBytes: 130 }, { storageBytes: 130 }]) {
    await using open = await OpenedFiles.open({ fileBytes: 60, ...limit });
    const alice = await open.test.signIn("alice");

    const all = Array.from({ length: 4 }, () => open.upload(alice, "x".repeat(60)));
    await Promise.allSettled(all);

    assertEquals(open.stored, 2);
  }
});

Deno.test("[O140] a thumbnail counts for the space of all files", async () => {
  await using open = await OpenedFiles.open({ storageBytes: THUMBNAIL_BYTES });
  const alice = await open.test.signIn("alice");
  const { id } = await open.upload(alice, png());
  const content = new Blob([new Uint8Array(png())]).stream();

  const add = () => open.files.addThumbnail(alice.publicToken, id, { content });

  assertEquals(await refusalOf(add), "files_full");
  assertEquals(open.stored, 1);
});

Deno.test("[O140] of two uploads to two nodes, of which only one has room, one is refused", async () => {
  await using open = await OpenedFiles.open({ fileBytes: 60, ownerBytes: 60 });
  const alice = await open.test.signIn("alice");
  const other = openTestFiles(open.test.store, open.folder, { fileBytes: 60, ownerBytes: 60 });
  const running = slowUpload(open, alice);
  await running.started;
  const content = new Blob(["x".repeat(60)]);

  await other.upload(alice.publicToken, { name: "b", size: 60, content: content.stream() });
  running.end();

  assertEquals(await refusalOf(() => running.done), "too_many_files");
  assertEquals(open.stored, 1);
});

Deno.test("[Y52] a session uploads at most four files at the same time", async () => {
  await using open = await OpenedFiles.open();
  const [alice, bob] = [await open.test.signIn("alice"), await open.test.signIn("bob")];
  const running = Array.from({ length: 4 }, () => slowUpload(open, alice));

  assertEquals(await refusalOf(() => slowUpload(open, alice).done), "too_many_requests");
  await open.upload(bob, "hello");
  for (const { end } of running) end();
  await Promise.all(running.map(({ done }) => done));

  await open.upload(alice, "hello");
});

Deno.test("[Y55] the sessions of one address upload at most 16 files at the same time", async () => {
  await using open = await OpenedFiles.open();
  const names = ["alice", "bob", "carol", "dave", "eve"];
  const people = await Promise.all(names.map((name) => open.test.signIn(name)));
  const [eve] = people.slice(-1);
  const running = people.slice(0, 4)
    .flatMap((person) => [1, 2, 3, 4].map(() => slowUpload(open, person, "192.0.2.1")));

  const refused = () => slowUpload(open, eve!, "192.0.2.1").done;
  assertEquals(await refusalOf(refused), "too_many_requests");
  const other = slowUpload(open, eve!, "192.0.2.2");

  for (const { end } of [...running, other]) end();
  await Promise.all([...running, other].map(({ done }) => done));
  await open.upload(eve!, "hello");
});

Deno.test("[O137] an upload that ends after the erasure of its sender is refused", async () => {
  using clock = stopClock();
  await using open = await OpenedFiles.open();
  const alice = await open.test.signIn("alice");
  const { done, end } = slowUpload(open, alice);
  await using _job = startJob(open.test);

  await erase(open.test, clock, alice);
  end();

  assertEquals(await refusalOf(() => done), "not_signed_in");
  assertEquals(open.stored, 0);
  assertEquals(await open.test.store.keyValue.get(`files of ${alice.publicToken}`), undefined);
});
