/**
 * The process that attacks: apart, so that it does not delay the clocks of the measurement. Arguments: the port, the name
 * of the attack and the file with the seed. Writes its tally as a line of JSON five times a second, until it is killed.
 *
 * @module
 */

import { delay } from "../../../server/base/delay.ts";
import { type Attack, type AttackRequest, ATTACKS } from "./attacks.ts";
import type { Seed } from "./seed.ts";

/** Accepted and refused requests. */
export interface Tally {
  accepted: number;
  refused: number;
}

/** All requests come from this address, as the trusted proxy says. */
const ADDRESS = "203.0.113.7";

const [port, name, seedFile = ""] = Deno.args;
const attacks: Readonly<Record<string, Attack>> = ATTACKS;
const { connections, request } = attacks[name ?? ""]!;
const seed: Seed = JSON.parse(Deno.readTextFileSync(seedFile));
const tally: Tally = { accepted: 0, refused: 0 };
const client = Deno.createHttpClient({ poolMaxIdlePerHost: connections });
let sent = 0;

for (let started = 0; started < connections; started++) attack();
setInterval(() => console.log(JSON.stringify(tally)), 200);

async function attack(): Promise<void> {
  for (;;) {
    const response = await send(request(seed, sent++)).catch(() => undefined);
    await response?.arrayBuffer().catch(() => {});
    if (response?.ok) tally.accepted++;
    else {
      tally.refused++;
      await delay(1_000 * Number(response?.headers.get("retry-after") ?? 0.1));
    }
  }
}

function send({ method, path, account, body }: AttackRequest): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    client,
    headers: {
      "x-forwarded-for": ADDRESS,
      ...(account && { authorization: `Bearer ${account.privateToken}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}
