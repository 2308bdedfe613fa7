import { assertEquals } from "@std/assert";
import { openReader } from "./support/reader.ts";
import { openServer, problem, reply, type ScriptedServer } from "./support/scripted_server.ts";

/** Makes this process look like a page of an origin, until disposed. */
function openPageOf(origin: string): Disposable {
  Object.defineProperty(globalThis, "location", { value: { origin }, configurable: true });
  return { [Symbol.dispose]: () => void Reflect.deleteProperty(globalThis, "location") };
}

/** The headers of the next request that may have the token. */
async function tokenOf(server: ScriptedServer) {
  const request = await server.next();
  return { request, headers: [request.authorization, request.token] };
}

Deno.test("[C59] a page of the server's origin leaves Authorization to gateways", async () => {
  await using server = await openServer();
  using _page = openPageOf(server.url);
  using alice = openReader(server);

  alice.startWaiting();
  const { request, headers } = await tokenOf(server);
  request.answer(reply());

  assertEquals(headers, [null, "secret"]);
});

Deno.test("[C59] programs and pages of other origins use Authorization", async () => {
  for (const origin of [undefined, "https://shop.example", "null"]) {
    await using server = await openServer();
    using _page = origin === undefined ? undefined : openPageOf(origin);
    using alice = openReader(server);

    alice.startWaiting();
    const { request, headers } = await tokenOf(server);
    request.answer(reply());

    assertEquals(headers, ["Bearer secret", null]);
  }
});

Deno.test("[C59] a server that does not see the header gets Authorization from then on", async () => {
  await using server = await openServer();
  using _page = openPageOf(server.url);
  using alice = openReader(server);
  const [body, init] = problem(401, "not_signed_in");
  const detail = 'The header "Authorization: Bearer <privateToken>" is missing';

  alice.startWaiting();
  (await server.next()).answer({ ...body, detail }, init);
  const second = await tokenOf(server);
  second.request.answer(reply());
  const third = await tokenOf(server);
  third.request.answer(reply());

  assertEquals(second.headers, ["Bearer secret", null]);
  assertEquals(third.headers, ["Bearer secret", null]);
});
