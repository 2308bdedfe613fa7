import { assertEquals } from "@std/assert";
import { SYSTEM_RUNTIME } from "../../server/base/runtime.ts";
import type { ChangeHeader } from "../../server/stores/nats/nats_changes.ts";
import { DeliveryGate } from "../../server/stores/nats/nats_delivery_gate.ts";
import type { StreamDelivery } from "../../server/stores/nats/nats_ordered_consumer.ts";
import { settle } from "../support/clock.ts";

function delivery(seq: number, body: object, change?: ChangeHeader): StreamDelivery {
  const text = JSON.stringify({ ...body, channel: "room:tea", at: seq });
  const subject = "halley.log.room.tea";
  return { seq, at: seq, subject, bytes: text.length, text: () => text, owner: undefined, change };
}

const message = (seq: number) => delivery(seq, { text: `${seq}` });

function edit(seq: number, of: number): StreamDelivery {
  const edited = { id: of, channel: "room:tea", text: `${of} edited`, at: of };
  return delivery(seq, { message: edited }, { of, at: of });
}

function deletion(seq: number, of: number): StreamDelivery {
  const gone = { id: of, channel: "room:tea", at: of, deletedAt: 9 };
  return delivery(seq, { message: gone }, { of, at: of, deleted: true });
}

/** A gate whose stream ends where the test says. */
function openGate() {
  const delivered: string[] = [];
  const end = Promise.withResolvers<number>();
  const gate = new DeliveryGate({
    after: 0,
    findEnd: () => end.promise,
    onMessage: ({ seq }, content) => void delivered.push(content ? `${content.text}` : `${seq}`),
    runtime: SYSTEM_RUNTIME,
  });
  return { gate, delivered, end };
}

Deno.test("[F47] a message that was edited and erased before it arrived is delivered in its place", async () => {
  const { gate, delivered, end } = openGate();
  using _ = gate;

  for (const one of [message(1), message(3), edit(4, 2)]) gate.add(one);
  await settle();
  const before = [...delivered];
  end.resolve(5);
  await settle();
  const waiting = [...delivered];
  gate.add(edit(5, 2));
  gate.add(message(6));

  assertEquals([before, waiting], [["1"], ["1"]]);
  assertEquals(delivered, ["1", "2 edited", "3", "4", "5", "6"]);
});

Deno.test("[F47] what was deleted, or was removed without a change, is not delivered", async () => {
  const { gate, delivered, end } = openGate();
  using _ = gate;
  end.resolve(6);

  for (const one of [message(1), edit(4, 2), deletion(5, 2), message(6)]) gate.add(one);
  await settle();

  assertEquals(delivered, ["1", "4", "5", "6"]);
});

Deno.test("[F47] deliveries go on when the end of the stream was removed", async () => {
  const { gate, delivered, end } = openGate();
  using _ = gate;
  gate.add(message(2));
  gate.onIdle();
  end.resolve(7);
  await settle();
  const before = [...delivered];

  gate.onIdle();
  gate.add(message(3));

  assertEquals([before, delivered], [[], ["2", "3"]]);
});
