import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { Refused } from "../../server/core/model/refused.ts";
import { parseNatsStore } from "../../server/stores/nats/nats_settings.ts";
import { NatsStore } from "../../server/stores/nats/nats_store.ts";
import { StoreOpenError } from "../../server/stores/store_open_error.ts";
import { makeCertificate } from "../deploy/certificate.ts";
import { NatsCluster } from "../nodes/nats_cluster.ts";
import { waitUntil } from "../support/wait_until.ts";
import { texts } from "../support/hub.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { ServerProcess } from "../support/server_process.ts";
import { TestFolder } from "../support/test_folder.ts";
import { administer, alice, NatsServer, natsTest, openNode, tea } from "./nats_server.ts";

natsTest(
  "[L9] a reopened log over NATS has its messages, and continues",
  async (server) => {
    const retention = { ...KEEP_ALL, maxMessages: 1 };
    const session = { ...alice, createdAt: 0, lastSeen: 0, startsAfter: 0 };
    let epoch = "";
    {
      await using store = await openNode(server, { retention });
      await store.log.append([tea("one", "k"), tea("two")]);
      await store.log.trim(Date.now());
      await store.sessions.upsert(session, "secret");
      epoch = store.log.epoch;
    }

    await using store = await openNode(server, { retention });

    assertEquals(store.log.epoch, epoch);
    const page = await store.log.read(["room:tea"], 0, 10);
    assertEquals([texts(page), page.trimmedUpTo], [["two"], 1]);
    const [again] = await store.log.append([tea("one", "k")]);
    assertEquals([again?.repeated, again?.message.id, again?.message.text], [true, 1, "one"]);
    assertEquals((await store.log.append([tea("three")]))[0]?.message.id, 3);
    assert(await store.sessions.findByPrivateToken("secret"));
  },
);

natsTest(
  "[F12] a stream with other settings is not used, and the error names the differences",
  async (server) => {
    const config = {
      name: "HALLEY",
      subjects: ["halley.log.>"],
      storage: "memory",
      max_msgs: 5,
    };
    await administer(server, "STREAM.CREATE.HALLEY", config);

    const unusable = await assertRejects(() => openNode(server), StoreOpenError);

    assertEquals(
      unusable.message,
      `Cannot open the store "${server.address}": the stream HALLEY has other settings: ` +
        `description is null: it was not created by Halley; storage is "memory" instead of "file"; ` +
        `max_msgs is 5 instead of -1; allow_direct is false instead of true`,
    );
  },
);

natsTest("[F12] an existing stream follows changed settings", async (server) => {
  await (await openNode(server))[Symbol.asyncDispose]();

  await using store = await openNode(server, { retention: { ...KEEP_ALL, keyAgeMs: 200 } });
  await store.log.append([tea("one", "k")]);

  await waitUntil(
    async () => (await store.log.append([tea("one", "k")]))[0]?.repeated === false,
    "the key has expired",
  );
});

natsTest("[F12] more replicas than servers are refused", async (server) => {
  const unusable = await assertRejects(
    () => openNode(server, { replicas: 3 }),
    StoreOpenError,
  );

  assert(unusable.message.includes("replicas > 1 not supported"), unusable.message);
});

natsTest(
  "[F12] a single server refuses more replicas for existing streams too, which change nothing",
  async (server) => {
    await (await openNode(server, { replicas: 1 }))[Symbol.asyncDispose]();

    const unusable = await assertRejects(
      () => openNode(server, { replicas: 3 }),
      StoreOpenError,
    );

    // Newer servers refuse this themselves.
    assert(
      /NATS_REPLICAS is 3|replicas > 1 not supported/.test(unusable.message),
      unusable.message,
    );
    // One replica, as before.
    await using store = await openNode(server, { replicas: 1 });
    assertEquals((await store.log.append([tea("hello")])).length, 1);
  },
);

natsTest(
  "[F12] a cluster changes its streams from one replica to three while a node starts",
  async () => {
    await using cluster = await NatsCluster.start();
    for (const NATS_REPLICAS of ["1", "3"]) {
      await using halley = await ServerProcess.start({
        settings: { STORE: cluster.store, NATS_REPLICAS },
      });

      const isReady = async () =>
        (await (await fetch(`${halley.url}/ready`)).json()).status === "ready";
      await waitUntil(isReady, `it is ready with ${NATS_REPLICAS} replicas`);
    }
  },
);

natsTest(
  "[F12] a failed login or connection is reported at the start, without the password",
  async () => {
    await using locked = await NatsServer.start("--user", "halley", "--pass", "of-the-two-of-us");
    for (
      const [address, reason] of [
        [`nats://halley:WRONG-secret@${locked.address}`, "Authorization Violation"],
        [`nats://halley:WRONG-secret@127.0.0.1:1`, "connection refused"],
        [`nats://WRONG-secret@${locked.address}`, "Authorization Violation"],
      ] as const
    ) {
      await using halley = await ServerProcess.spawn({ settings: { STORE: address } });

      const { code } = await halley.ended();
      assertEquals([code, halley.output.includes("secret")], [1, false], halley.output);
      assert(halley.output.includes(reason), halley.output);
    }
  },
);

natsTest("[F12] a login and TLS are used, and an untrusted certificate is rejected", async () => {
  using folder = TestFolder.make();
  await makeCertificate(folder.path);
  const ca = join(folder.path, "site.pem");
  const tls = ["--tls", "--tlscert", ca, "--tlskey", join(folder.path, "site.key")];
  await using server = await NatsServer.start(...tls, "--user", "halley", "--pass", "two of us");
  const servers = [`localhost:${server.port}`];
  const connection = { servers, tls: true, user: "halley", password: "two of us" };

  await using store = await openNode(server, { connection: { ...connection, ca } });
  assertEquals((await store.log.append([tea("hello")])).length, 1);

  await assertRejects(() => openNode(server, { connection }), StoreOpenError);
});

natsTest(
  "[L2] with several replicas, too, several drafts are appended together or not at all",
  async () => {
    await using cluster = await NatsCluster.start();
    const retention = KEEP_ALL;
    const { connection } = parseNatsStore(cluster.store)!;
    const onLost = (reason: string) => {
      throw new Error(reason);
    };
    await using store = await NatsStore.open({ connection, retention, replicas: 3, onLost });
    await store.log.append([tea("first", "k")]);

    const refused = await assertRejects(
      () => store.log.append([tea("one"), tea("other", "k"), tea("two", "new")]),
      Refused,
    );
    const before = await store.log.newestId();
    const appended = await store.log.append([tea("two", "new"), tea("first", "k")]);

    assertEquals([refused.refusal, before], ["key_reused", 1]);
    assertEquals(appended.map(({ message, repeated }) => [message.id, repeated]), [
      [2, false],
      [1, true],
    ]);
  },
);
