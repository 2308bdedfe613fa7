import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { readFamilies } from "../support/prometheus.ts";
import { ServerProcess } from "../support/server_process.ts";
import { TestFolder } from "../support/test_folder.ts";

const read = (path: string) => Deno.readTextFile(new URL(`../../docs/${path}`, import.meta.url));

/** Names of figures in a text. */
function figuresIn(text: string): string[] {
  const names = text.match(/\b(halley|process)_[a-z_]+\b/g) ?? [];
  return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, "")))].sort();
}

/** What a server with every part switched on tells. */
async function figuresTold(): Promise<string[]> {
  using folder = TestFolder.make();
  using shop = new DatabaseSync(join(folder.path, "shop.db"));
  shop.exec("CREATE TABLE orders (number integer PRIMARY KEY)");
  await using halley = await ServerProcess.start({
    folder: folder.path,
    settings: {
      STORE: "memory",
      WEBHOOK_URL: "http://127.0.0.1:9/",
      WEBHOOK_SECRET: "a-secret-of-the-two-of-us",
      HAS_DB: "Y",
      NOTICES_DB: "sqlite:shop.db",
      NOTICES_QUERY: `SELECT number AS key, NULL AS recipient, NULL AS title, 'paid' AS body
        FROM orders WHERE number > ?`,
    },
  });
  const text = await (await fetch(`${halley.url}/metrics`)).text();
  return [...readFamilies(text).keys()].sort();
}

Deno.test("[O41] the Grafana board and the documentation name every figure, and none that there is not", async () => {
  const told = await figuresTold();
  const board = await read("grafana.json");
  const section = (await read("OPERATING.md")).split("\n## Metrics\n")[1]?.split("\n## ")[0] ?? "";

  const panels: { targets: { expr: string }[] }[] = JSON.parse(board).panels;
  const shown = figuresIn(panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join());

  assertEquals(shown.filter((name) => !told.includes(name)), []);
  assertEquals(figuresIn(section).filter((name) => !told.includes(name)), []);
  assertEquals(told.filter((name) => !figuresIn(section).includes(name)), []);
  // The start time is of use to programs alone.
  assertEquals(told.filter((name) => !shown.includes(name)), ["process_start_time_seconds"]);
  assert(panels.length > 10);
});
