import { assert, assertEquals } from "@std/assert";
import { formatData } from "../../client/ui/views/message_data.tsx";
import type { Json } from "../../server/protocol/message.ts";

Deno.test("[U61] data in nested arrays is not drawn as many times its size", () => {
  let data: Json = Array.from({ length: 32_000 }, () => 0);
  for (let depth = 0; depth < 98; depth++) data = [data];

  assert(formatData(data).length < 65_000);
  assertEquals(formatData({ a: 1 }), '{\n  "a": 1\n}');
});
