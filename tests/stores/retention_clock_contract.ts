import { assertEquals } from "@std/assert";
import { waitUntil } from "../support/wait_until.ts";
import { WallClock } from "../support/wall_clock.ts";
import type { StoreTest } from "./contract.ts";
import { append, seen, tea, trim } from "./retention_contract.ts";

const DAY = 86_400_000;
const TEN_YEARS = 3_652 * DAY;

/** Defines the tests of what is removed from a log whose clock was wrong for a while. */
export function retentionClockContract(test: StoreTest): void {
  test(
    "[L8] a clock that is ten years ahead, and then right, makes no key forgotten",
    async (store) => {
      const send = async (key: string) => (await store.log.append([tea("hello", { key })]))[0];
      using clock = new WallClock();
      const before = await send("before");
      clock.offset = TEN_YEARS;
      await store.log.trim(0);
      const meanwhile = await send("meanwhile");
      const repeated = [await send("before"), await send("meanwhile")];
      clock.offset = 0;
      await store.log.trim(Date.now());

      repeated.push(await send("before"), await send("meanwhile"));

      assertEquals(repeated.map((appended) => [appended?.message, appended?.repeated]), [
        [before?.message, true],
        [meanwhile?.message, true],
        [before?.message, true],
        [meanwhile?.message, true],
      ]);
      assertEquals(await store.log.newestId(), 2);
    },
    { keyAgeMs: DAY },
  );

  test(
    "[L8] keys from a time when the clock was ahead do not keep the later ones",
    async (store) => {
      using clock = new WallClock();
      clock.offset = TEN_YEARS;
      for (let n = 0; n < 6; n++) {
        const keys = Array.from({ length: 100 }, (_, i) => tea("ahead", { key: `${n} ${i}` }));
        await store.log.append(keys);
      }
      clock.offset = 0;
      await append(store, tea("hello", { key: "k" }));

      await waitUntil(async () => {
        await trim(store);
        const [again] = await store.log.append([tea("hello", { key: "k" })]);
        return again?.repeated === false;
      }, "the key is forgotten");
    },
    { keyAgeMs: 500 },
  );

  test(
    "[L7] messages from a time when the clock was ahead do not keep the later ones",
    async (store) => {
      using clock = new WallClock();
      await append(store, tea("before"));
      clock.offset = TEN_YEARS;
      await append(store, tea("ahead"));
      clock.offset = 0;
      await append(store, tea("after"));

      await waitUntil(async () => {
        await trim(store);
        return (await seen(store, "room:tea"))[0].length === 0;
      }, "all have expired");
    },
    { maxAgeMs: 300 },
  );
}
