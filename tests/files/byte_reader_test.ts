import { assertEquals } from "@std/assert";
import { SYSTEM_RUNTIME } from "../../server/base/runtime.ts";
import { ByteReader } from "../../server/files/byte_reader.ts";
import { refusalOf } from "../core/hub/erasing.ts";
import { stopClock } from "../support/clock.ts";

const OPTIONS = { maxBytes: 1e6, idleMs: 30_000, bytesPerSecond: 1_000, runtime: SYSTEM_RUNTIME };

/** A stream with `count` bytes each second, until it is cancelled or has ended after `seconds`. */
function trickle(count: number, seconds = Infinity) {
  let sent = 0;
  let timer: ReturnType<typeof setInterval>;
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      timer = setInterval(() => {
        if (sent++ < seconds) return controller.enqueue(new Uint8Array(count));
        clearInterval(timer);
        controller.close();
      }, 1_000);
    },
    cancel: () => clearInterval(timer),
  });
}

async function lengthOf(reader: ByteReader): Promise<number> {
  let length = 0;
  for await (const chunk of reader.take()) length += chunk.length;
  return length;
}

Deno.test("[Y56] an upload of one byte a second ends after half a minute", async () => {
  using clock = stopClock();
  await using reader = new ByteReader(trickle(1), OPTIONS);
  let ended = false;
  const refused = refusalOf(() => lengthOf(reader)).finally(() => ended = true);

  await clock.pass(29_000);
  assertEquals(ended, false);
  await clock.pass(3_000);

  assertEquals(await refused, "invalid_file");
});

Deno.test("[Y56] a slow connection can take long", async () => {
  using clock = stopClock();
  await using reader = new ByteReader(trickle(1_100, 600), OPTIONS);
  const length = lengthOf(reader);

  await clock.pass(602_000);

  assertEquals(await length, 660_000);
});

Deno.test("[Y56] how long the storage takes does not count", async () => {
  using clock = stopClock();
  const chunks = [new Uint8Array(1), new Uint8Array(1)];
  await using reader = new ByteReader(ReadableStream.from(chunks), OPTIONS);

  await reader.read(1);
  await clock.pass(60_000);

  assertEquals((await reader.read(1)).length, 1);
});
