import { assertEquals } from "@std/assert";
import { ReservedPort } from "../../server/base/reserved_port.ts";

Deno.test("[K28] a reserved port is not reserved again before it is disposed, also while nothing listens on it", () => {
  const ports = Array.from({ length: 1_000 }, () => new ReservedPort());

  assertEquals(new Set(ports.map(({ number }) => number)).size, ports.length);
  for (const { number } of ports) Deno.listen({ hostname: "127.0.0.1", port: number }).close();

  for (const port of ports) port[Symbol.dispose]();
});
