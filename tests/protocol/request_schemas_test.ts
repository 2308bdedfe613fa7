import { assertEquals } from "@std/assert";
import fc from "fast-check";
import * as v from "valibot";
import { isUsualPoll, isUsualSend, schemas } from "../../server/protocol/request_schemas.ts";

const usual = fc.record({
  cursor: fc.stringMatching(/^[a-z0-9]{1,32}\.[0-9]{1,9}$/),
  channels: fc.array(fc.stringMatching(/^room:[a-z]{1,9}$/), { maxLength: 300 }),
  hold: fc.double(),
  tab: fc.string({ maxLength: 70 }),
  turn: fc.oneof(fc.integer(), fc.double()),
  state: fc.constantFrom("active", "background"),
  notices: fc.boolean(),
}, { requiredKeys: [] });

const unusual = fc.oneof(
  fc.jsonValue(),
  fc.tuple(
    usual,
    fc.constantFrom(
      "cursor",
      "channels",
      "notices",
      "hold",
      "tab",
      "turn",
      "state",
      "x",
      "toString",
    ),
    fc.jsonValue(),
  )
    .map(([poll, name, value]) => ({ ...poll, [name]: value })),
);

Deno.test("[N16] a poll that is not validated by the schema is valid by the schema, and the same", () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.oneof(usual, unusual), (body) => {
      if (!isUsualPoll(body)) return;
      accepted++;
      assertEquals({ ...v.parse(schemas.poll, body) }, { ...body });
    }),
    { numRuns: 2_000 },
  );
  assertEquals(accepted > 300, true);
});

const messages = fc.record({
  channel: fc.string(),
  text: fc.string(),
  key: fc.string({ maxLength: 70 }),
  data: fc.jsonValue(),
}, { requiredKeys: [] });

Deno.test("[N16] a message that is not validated by the schema is valid by the schema, and the same", () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.oneof(messages, unusual), (body) => {
      if (!isUsualSend(body)) return;
      accepted++;
      assertEquals(Object.entries(v.parse(schemas.send, body)), Object.entries(body));
    }),
    { numRuns: 2_000 },
  );
  assertEquals(accepted > 50, true);
});
