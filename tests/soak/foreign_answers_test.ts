import { assertEquals } from "@std/assert";
import { isFinal, parseJson, readError } from "../../client/comet/halley_error.ts";
import { pickForeignAnswer } from "../../server/commands/soak/foreign_answers.ts";
import { SeededRandom } from "../../server/commands/soak/seeded_random.ts";
import { isMessage, isPollReply, isSessionReply } from "../../server/protocol/guards.ts";

/** All foreign answers, as the bytes that are sent. */
const ANSWERS = new Set(draw(1_000));

function draw(times: number): readonly string[] {
  const random = new SeededRandom(1, "answers");
  const text = new TextDecoder();
  return Array.from({ length: times }, () => text.decode(pickForeignAnswer(random)));
}

Deno.test("[K16] foreign answers have every status and form that others send", () => {
  const seen = new Set([...ANSWERS].map((answer) => Number(answer.slice(9, 12))));
  const forms = [
    /text\/html/,
    /^location:/m,
    /"messages":\[\{"id":7$/,
    /retry-after/,
    /problem\+json/,
  ];

  for (const status of [200, 302, 307, 401, 403, 404, 405, 407, 429, 500, 502, 503, 504]) {
    assertEquals(seen.has(status), true, String(status));
  }
  for (const form of forms) assertEquals([...ANSWERS].some((answer) => form.test(answer)), true);
});

Deno.test("[K16] no foreign answer is a reply or a final refusal of Halley", async () => {
  for (const answer of ANSWERS) {
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    const [first = "", ...lines] = head.split("\r\n");
    const headers = lines.map((line): [string, string] => {
      const [name = "", value = ""] = line.split(": ");
      return [name, value];
    });
    const response = new Response(body, { status: Number(first.slice(9, 12)), headers });

    const reply = parseJson(body);
    assertEquals([isPollReply, isMessage, isSessionReply].some((is) => is(reply)), false, answer);
    assertEquals(isFinal(await readError(response)), false, answer);
  }
});
