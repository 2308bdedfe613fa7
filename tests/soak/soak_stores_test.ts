import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { HAS_NATS } from "../nodes/nats_cluster.ts";
import { NatsServer } from "../stores/nats_server.ts";
import { findingsOf, NOTHING } from "./support/findings.ts";
import { prove } from "./support/prove.ts";

for (const store of ["kv:soak.kv", "NATS"]) {
  Deno.test({
    name:
      `[K27] people write and are erased while the server is killed, and nothing else is lost (${store})`,
    ignore: store === "NATS" && !HAS_NATS,
    fn: async () => {
      await using stack = new AsyncDisposableStack();
      const nats = store === "NATS" ? stack.use(await NatsServer.start()) : undefined;
      const { code, stderr, report } = await prove(
        ...["--store", nats ? `nats://${nats.address}` : store, "--share", "5", "--rate", "50"],
        ...[
          "--duration",
          "10",
          "--kills",
          "3",
          "--faults",
          "edit,delete,erase,kill,reload,twin-send",
        ],
        "--json",
      );

      assertEquals(findingsOf(report), { ...NOTHING, restarts: 3 }, stderr);
      assertEquals(code, 0, stderr);
      assertGreaterOrEqual(report.faults.erase ?? 0, 1, stderr);
    },
  });
}
