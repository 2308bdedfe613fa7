import { assertEquals } from "@std/assert";
import { Logger } from "../../server/base/logger.ts";
import { Listener } from "../../server/http/listener.ts";

/** So often it is tried: the wrong moment is met about once in 300 times. */
const TIMES = 1_000;

Deno.test("[O7] a listener that is told to end at once ends without an error, however often", async () => {
  const errors: string[] = [];
  const note = (event: ErrorEvent) => {
    event.preventDefault();
    errors.push(event.message);
  };
  addEventListener("error", note);

  for (let time = 0; time < TIMES; time++) {
    const address = { host: "127.0.0.1", port: 0 };
    await using _listener = Listener.open(address, () => new Response(), new Logger("error"));
  }

  removeEventListener("error", note);
  assertEquals(errors, []);
});
