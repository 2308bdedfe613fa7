import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { readFamilies } from "../support/prometheus.ts";
import { ServerProcess } from "../support/server_process.ts";
import { TestFolder } from "../support/test_folder.ts";

const read = (path: string) => Deno.readTextFile(new URL(`../../docs/${path}`, import.meta.url));

/** Finds the names of metrics in a text. */
function metricsIn(text: string): string[] {
  const names = text.match(/\b(halley|process)_[a-z_]+\b/g) ?? [];
  return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, "")))].sort();
}

/** The metrics of a server with all features enabled. */
async function exposedMetrics(): Promise<string[]> {
  using folder = TestFolder.make();
  using shop = new DatabaseSync(join(folder.path, "shop.db"));
  shop.exec("CREATE TABLE orders (number integer PRIMARY KEY)");
  await using halley = await ServerProcess.start({
    folder: folder.path,
    settings: {
      STORE: "memory",
      WEBHOOK_URL: "http://127.0.0.1:9/",
      WEBHOOK_SECRET: "a-secret-of-the-two-of-us",
      PUSH: "on",
      PUSH_CONTACT: "mailto:chat@shop.example",
      HAS_DB: "Y",
      NOTICES_DB: "sqlite:shop.db",
      NOTICES_QUERY: `SELECT number AS key, NULL AS recipient, NULL AS title, 'paid' AS body
        FROM orders WHERE number > ?`,
    },
  });
  const text = await (await fetch(`${halley.url}/metrics`)).text();
  return [...readFamilies(text).keys()].sort();
}

Deno.test("[O41] the Grafana dashboard and OPERATING.md contain every metric, and no others", async () => {
  const exposed = await exposedMetrics();
  const dashboard = await read("grafana.json");
  const section = (await read("OPERATING.md")).split("\n## Metrics\n")[1]?.split("\n## ")[0] ?? "";

  const panels: { targets: { expr: string }[] }[] = JSON.parse(dashboard).panels;
  const shown = metricsIn(panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join());

  assertEquals(shown.filter((name) => !exposed.includes(name)), []);
  assertEquals(metricsIn(section).filter((name) => !exposed.includes(name)), []);
  assertEquals(exposed.filter((name) => !metricsIn(section).includes(name)), []);
  // The start time is not useful in a dashboard.
  assertEquals(exposed.filter((name) => !shown.includes(name)), ["process_start_time_seconds"]);
  assert(panels.length > 10);
});
