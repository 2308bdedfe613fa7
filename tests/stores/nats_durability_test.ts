import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import {
  type ClusterReport,
  durabilityOf,
  type ServerReport,
} from "../../server/stores/nats/nats_durability.ts";
import { parseNatsStore } from "../../server/stores/nats/nats_settings.ts";
import { NatsStore } from "../../server/stores/nats/nats_store.ts";
import { StoreOpenError } from "../../server/stores/store_open_error.ts";
import { accounts, NATS_SERVER, NatsCluster, NEWEST_NATS_SERVER } from "../nodes/nats_cluster.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { ServerProcess } from "../support/server_process.ts";
import { TestFolder } from "../support/test_folder.ts";
import { NatsServer, natsTest, openNode } from "./nats_server.ts";

const CAN_LOSE = "a power failure of several machines can lose acknowledged messages. " +
  "See docs/OPERATING.md, Several nodes over NATS";

/** The replies to $SYS.REQ.SERVER.PING.JSZ of these versions, without what is not read. */
const SYNCED_2_15: ServerReport = JSON.parse(
  `{"server":{"name":"a","host":"127.0.0.1","ver":"2.15.1","cluster":"halley","jetstream":true,"flags":7,"seq":12},` +
    `"data":{"memory":0,"storage":0,"config":{"max_memory":18957020160,"store_dir":"/var/lib/nats/jetstream",` +
    `"sync_interval":120000000000,"sync_always":true,"strict":true}}}`,
);
const UNSYNCED_2_9: ServerReport = JSON.parse(
  `{"server":{"name":"b","host":"127.0.0.1","ver":"2.9.10","cluster":"halley","seq":17,"jetstream":true},` +
    `"data":{"config":{"max_memory":18957020160,"max_storage":60713634816,"store_dir":"/var/lib/nats/jetstream"},` +
    `"memory":0,"storage":0}}`,
);

const CONNECTED = { version: "2.15.1", cluster: "halley" };

/** A stream of a cluster. */
function streamOn(
  leader: string,
  ...followers: readonly string[]
): ClusterReport["streams"][number] {
  return {
    config: { name: "HALLEY", storage: "file", num_replicas: 1 + followers.length },
    cluster: { name: "halley", leader, replicas: followers.map((name) => ({ name })) },
    state: { messages: 0, first_seq: 0, last_seq: 0 },
  };
}

function renamed({ server, data }: ServerReport, name: string): ServerReport {
  return { server: { ...server, name }, ...(data && { data }) };
}

Deno.test("[F38] servers that sync, show it, and are up to date raise no doubts", () => {
  const servers = ["a", "b", "c"].map((name) => renamed(SYNCED_2_15, name));

  const durability = durabilityOf({
    connected: CONNECTED,
    servers,
    streams: [streamOn("a", "b", "c")],
  });

  assertEquals(durability, { doubts: [], warnings: [] });
});

Deno.test("[F38] each reason why a cluster can lose messages is named", () => {
  const stream = streamOn("a", "b", "c");
  const synced = ["a", "b", "c"].map((name) => renamed(SYNCED_2_15, name));
  const reports: [ClusterReport, doubts: string[], warnings: string[]][] = [
    [
      { connected: CONNECTED, servers: [], streams: [stream] },
      [`Whether the NATS servers sync what they acknowledge cannot be seen: ${CAN_LOSE}`],
      [],
    ],
    [
      { connected: CONNECTED, servers: [...synced.slice(0, 2)], streams: [stream] },
      [`Whether the NATS servers c sync what they acknowledge cannot be seen: ${CAN_LOSE}`],
      [],
    ],
    [
      { connected: CONNECTED, servers: [SYNCED_2_15, UNSYNCED_2_9], streams: [] },
      [
        `The NATS servers b do not sync what they acknowledge (sync_interval is not always): ${CAN_LOSE}`,
      ],
      [
        "NATS 2.9.10 is older than 2.11: it can lose messages that later versions keep. " +
        "Use 2.12.3 or later",
      ],
    ],
    [
      {
        connected: CONNECTED,
        servers: synced,
        streams: [{ ...stream, config: { ...stream.config, storage: "memory" } }],
      },
      [`The stream HALLEY is stored in memory: ${CAN_LOSE}`],
      [],
    ],
    [
      { connected: CONNECTED, servers: synced, streams: [streamOn("a")] },
      [],
      [
        "Only one server of the cluster stores HALLEY: if it fails, nothing can be sent. " +
        "Set NATS_REPLICAS=3",
      ],
    ],
  ];

  for (const [report, doubts, warnings] of reports) {
    assertEquals(durabilityOf(report), { doubts, warnings });
  }
});

Deno.test("[F38] servers of another cluster, without JetStream or offline need not sync", () => {
  const { server } = renamed(UNSYNCED_2_9, "d");
  const stream = streamOn("a", "b");
  const offline = {
    ...stream,
    cluster: { ...stream.cluster, replicas: [{ name: "b", offline: true }] },
  };

  const durability = durabilityOf({
    connected: CONNECTED,
    servers: [
      SYNCED_2_15,
      { ...UNSYNCED_2_9, server: { ...server, cluster: "elsewhere" } },
      { server: { ...server, ver: "2.15.1" } },
    ],
    streams: [offline],
  });

  assertEquals(durability, { doubts: [], warnings: [] });
});

/** Starts a server that reports whether it syncs. */
async function startReporting(
  folder: TestFolder,
  { program, jetstream = "" }: { program: string | undefined; jetstream?: string },
): Promise<NatsServer> {
  const file = join(folder.path, "nats.conf");
  Deno.writeTextFileSync(file, `server_name: a\n${accounts(HALLEY.password)}\n${jetstream}`);
  return await NatsServer.run(program ?? "", "-c", file);
}

const HALLEY = { user: "halley", password: "two-leaves" };

natsTest(
  "[F37] a cluster that does not show whether it syncs is refused with mustSync",
  async (server) => {
    const unusable = await assertRejects(
      () => openNode(server, { mustSync: true }),
      StoreOpenError,
    );

    assertEquals(
      unusable.message,
      `Cannot open the store "${server.address}": NATS_DURABLE is require: ` +
        `Whether the NATS servers sync what they acknowledge cannot be seen: ${CAN_LOSE}`,
    );
  },
);

natsTest("[F37] a server that shows that it does not sync is refused with mustSync", async () => {
  using folder = TestFolder.make();
  await using server = await startReporting(folder, { program: NATS_SERVER });

  const unusable = await assertRejects(
    () => openNode(server, { mustSync: true, connection: HALLEY }),
    StoreOpenError,
  );

  assertStringIncludes(unusable.message, "The NATS servers a do not sync what they acknowledge");
});

Deno.test({
  name: "[F37] a server that syncs is accepted with mustSync",
  ignore: NEWEST_NATS_SERVER === undefined,
  fn: async () => {
    using folder = TestFolder.make();
    await using server = await startReporting(folder, {
      program: NEWEST_NATS_SERVER,
      jetstream: "jetstream { sync_interval: always }",
    });
    const doubts: string[] = [];
    const onDoubt = (reason: string) => void doubts.push(reason);

    await using store = await openNode(server, { mustSync: true, connection: HALLEY, onDoubt });

    assertEquals(store.unavailableReason, undefined);
    assertEquals(doubts, []);
  },
});

natsTest("[F38] every server of a cluster is asked", async () => {
  await using cluster = await NatsCluster.start();
  const { connection } = parseNatsStore(cluster.store)!;
  const doubts: string[] = [];
  const options = { connection, retention: KEEP_ALL, replicas: 3, onLost: () => {} };

  await using store = await NatsStore.open({
    ...options,
    onDoubt: (reason) => void doubts.push(reason),
  });

  const [, names = ""] = /^The NATS servers (.*) do not sync/.exec(doubts[0] ?? "") ?? [];
  assertEquals(names.split(", ").toSorted(), ["nats0", "nats1", "nats2"]);
  assertEquals(store.unavailableReason, undefined);
});

natsTest(
  "[F38] the start and halley check warn, and NATS_DURABLE=require refuses",
  async ({ address }) => {
    const settings = { STORE: `nats://${address}` };
    const reason = "Whether the NATS servers sync what they acknowledge cannot be seen";
    const check = async (settings: Record<string, string>) => {
      await using process = await ServerProcess.spawn({ settings, args: ["check"] });
      return await process.ended();
    };

    const checked = await check(settings);
    const refused = await check({ ...settings, NATS_DURABLE: "require" });
    await using halley = await ServerProcess.start({ settings });
    await using stopped = await ServerProcess.spawn({
      settings: { ...settings, NATS_DURABLE: "require" },
    });

    assertEquals(checked.code, 0, checked.stdout);
    assertStringIncludes(checked.stdout, `Warnings:\n  ${reason}`);
    assertEquals(refused.code, 2);
    assertStringIncludes(refused.stdout, `NATS_DURABLE is require: ${reason}`);
    assertStringIncludes(await halley.line(/store_doubtful/), reason);
    const { code, stderr } = await stopped.ended();
    assertEquals(code, 1);
    assertStringIncludes(stderr, `NATS_DURABLE is require: ${reason}`);
  },
);

Deno.test({
  name: "[F37] docs/deploy/nats.conf is a valid configuration that shows that it syncs",
  ignore: NEWEST_NATS_SERVER === undefined,
  fn: async () => {
    using folder = TestFolder.make();
    const sample = Deno.readTextFileSync(new URL("../../docs/deploy/nats.conf", import.meta.url));
    // One server, which needs no cluster.
    const alone = sample.replace(/^cluster {[^}]*}/m, "").replace(/^ *store_dir.*$/m, "")
      .replace(/^listen.*$/m, "");
    const file = join(folder.path, "nats.conf");
    Deno.writeTextFileSync(file, alone);
    const connection = { user: "halley", password: "change-this-too" };

    const { success } = await new Deno.Command(NEWEST_NATS_SERVER ?? "", {
      args: ["-t", "-c", new URL("../../docs/deploy/nats.conf", import.meta.url).pathname],
    }).output();
    await using server = await NatsServer.run(NEWEST_NATS_SERVER ?? "", "-c", file);
    await using store = await openNode(server, { mustSync: true, connection });

    assertEquals([success, store.unavailableReason], [true, undefined]);
  },
});
