import { computed, type ReadonlySignal } from "@preact/signals";
import { assertEquals, assertRejects } from "@std/assert";
import type { Person } from "../../client/comet/halley.ts";
import { TokenError, tokensFromUrl } from "../../client/ui/state/application_tokens.ts";
import { ChatSession } from "../../client/ui/state/chat_session.ts";
import type { StoredSession } from "../../client/ui/state/stored_session.ts";
import { openMemoryStorage } from "../../client/ui/storage/chat_storage.ts";
import { memoryValue } from "../../client/ui/storage/stored_value.ts";
import { tokenFor } from "../support/tokens.ts";
import {
  openServer,
  problem,
  type ReceivedRequest,
  type ScriptedServer,
} from "./support/scripted_server.ts";
import { SETTINGS } from "./support/server_settings.ts";

const LOGIN_PAGE = "<!DOCTYPE html><title>Sign in</title>";

Deno.test("[Q31] an answer of the application's URL is a token, or says that nobody is signed in, or is an error", async () => {
  const token = await tokenFor();
  const isTokenError = (error: unknown) => error instanceof TokenError ? "error" : "another error";
  const answers: readonly (readonly [Response, string | undefined])[] = [
    [new Response(token), token],
    [new Response(`${token}\n`), token],
    [redirect("/moved"), token],
    [new Response(null, { status: 204 }), undefined],
    [new Response(""), undefined],
    [new Response("Unauthorized", { status: 401 }), undefined],
    [new Response(token, { status: 403 }), undefined],
    [new Response("Unauthorized"), "error"],
    [new Response(LOGIN_PAGE, { headers: { "content-type": "text/html" } }), "error"],
    [new Response(`"${token}"`), "error"],
    [new Response(`${token}\n${token}`), "error"],
    [new Response(token, { status: 500 }), "error"],
    [redirect("/login"), "error"],
  ];
  const queue = answers.map(([response]) => response);
  await using application = Deno.serve({ port: 0, onListen() {} }, ({ url }) => {
    if (url.endsWith("/moved")) return new Response(token);
    if (url.endsWith("/login")) return new Response(LOGIN_PAGE);
    return queue.shift() ?? new Response(null, { status: 404 });
  });
  const getToken = tokensFromUrl(`http://127.0.0.1:${application.addr.port}/chat-token`);

  const results = [];
  for (const _ of answers) results.push(await getToken().catch(isTokenError));

  assertEquals(results, answers.map(([, result]) => result));
});

Deno.test("[Q31] the error says where a redirect has led, and with what", async () => {
  await using application = Deno.serve(
    { port: 0, onListen() {} },
    ({ url }) =>
      url.endsWith("/login")
        ? new Response(LOGIN_PAGE, { headers: { "content-type": "text/html" } })
        : redirect("/login"),
  );
  const url = `http://127.0.0.1:${application.addr.port}`;

  await assertRejects(
    tokensFromUrl(`${url}/chat-token`),
    TokenError,
    `${url}/chat-token, redirected to ${url}/login, answered 200 (text/html) without a token`,
  );
});

for (const answer of [LOGIN_PAGE, "Unauthorized", "null", 42, {}, ["a.b.c"]]) {
  Deno.test(`[Q31] what is not a token is not sent, and the console says so: ${JSON.stringify(answer)}`, async () => {
    using errors = collectErrors();
    await using server = await openServer();
    using session = openSession(server);

    await session.useTokens({ getToken: () => Object(answer).valueOf() });

    assertEquals([session.signingIn.value, session.chat.value], ["no_token", undefined]);
    assertEquals(server.waiting, 0);
    assertEquals(errors.all.length, 1);
    assertEquals(errors.all[0]?.startsWith("Halley: no valid token: "), true);
  });
}

Deno.test("[Q31] what is not a token is not sent when a token has expired, either", async () => {
  using errors = collectErrors();
  await using server = await openServer();
  using page = await openChat(server);
  const first = `Bearer ${page.token}`;
  const { connection } = page.session.chat.value ?? {};
  page.token = LOGIN_PAGE;

  const poll = await nextPoll(server);
  poll.answer(...problem(401, "token_expired"));
  await waitFor(computed(() => connection?.value.name), "waiting");

  assertEquals([poll.authorization, errors.all.length > 0], [first, true]);
  while (server.waiting > 0) assertEquals((await server.next()).authorization, first);
});

for (const answer of [undefined, null, "", " \n"]) {
  Deno.test(`[Q31] without a token nobody is signed in: ${JSON.stringify(answer)}`, async () => {
    using errors = collectErrors();
    await using server = await openServer();
    using session = openSession(server);

    await session.useTokens({ getToken: () => answer });

    assertEquals([session.signingIn.value, server.waiting], ["no", 0]);
    assertEquals(errors.all, []);
  });
}

Deno.test("[Q32] a page that its person returns to continues while the application has the same user", async () => {
  await using server = await openServer();
  using page = await openChat(server);
  const chat = page.session.chat.value;

  page.token = await tokenFor({ jti: "another" });
  await page.session.refresh();

  assertEquals([page.asked, page.session.chat.value === chat], [2, true]);
});

Deno.test("[Q32] the application is asked again after five seconds at the earliest", async () => {
  await using server = await openServer();
  using page = await openChat(server);

  await page.session.refresh();
  await page.session.refresh();

  assertEquals(page.asked, 2);
});

Deno.test("[Q32] without an answer of the application, the page continues", async () => {
  using _errors = collectErrors();
  await using server = await openServer();
  using page = await openChat(server);
  const chat = page.session.chat.value;

  page.token = LOGIN_PAGE;
  await page.session.refresh();

  assertEquals([page.asked, page.session.chat.value === chat], [2, true]);
});

Deno.test("[Q32] when the application has signed its user out, the page stops and keeps what it has stored", async () => {
  await using server = await openServer();
  using page = await openChat(server);
  page.storage.drafts.write({ "room:tea": "a draft" });

  page.token = undefined;
  await page.session.refresh();

  assertEquals([page.session.chat.value, page.session.ended.value], [undefined, "signed_out"]);
  assertEquals(page.storage.drafts.read(), { "room:tea": "a draft" });
});

Deno.test("[Q32] with another user's token the page starts anew as that user", async () => {
  await using server = await openServer();
  using page = await openChat(server);

  page.token = await tokenFor({ sub: "43", name: "bob" });
  const refreshed = page.session.refresh();
  await answerSession(server, BOB);
  await refreshed;

  const name = computed(() => page.session.chat.value?.self.displayName);
  await waitFor(name, "bob");
});

const ALICE = { publicToken: "aliceAliceAli1ce", displayName: "alice" };
const BOB = { publicToken: "bobBobBobBobBob1", displayName: "bob" };

/** A page with the application's user alice, who is signed in. */
async function openChat(server: ScriptedServer) {
  const storage = openMemoryStorage();
  const page = {
    token: await tokenFor() as string | undefined,
    /** How often the application was asked. */
    asked: 0,
    storage,
    session: new ChatSession({
      url: server.url,
      fetch: server.fetch,
      stored: memoryValue<StoredSession>(undefined),
      openStorage: () => storage,
    }),
    [Symbol.dispose](): void {
      page.session[Symbol.dispose]();
    },
  };
  const opened = page.session.useTokens({ getToken: () => (page.asked++, page.token) });
  await answerSession(server, ALICE);
  await opened;
  return page;
}

/** Answers as the server does while somebody signs in with a token. Other requests are cut off. */
async function answerSession(server: ScriptedServer, person: Person): Promise<void> {
  const bodies = new Map<string, unknown>([
    ["/api/session", { ...person, settings: SETTINGS }],
    ["/api/conversations", { conversations: [] }],
  ]);
  while (bodies.size > 0) {
    const asked = await server.next();
    const body = bodies.get(asked.path);
    if (bodies.delete(asked.path)) asked.answer(body);
    else asked.cut();
  }
}

/** The next poll. Other requests are cut off. */
async function nextPoll(server: ScriptedServer): Promise<ReceivedRequest> {
  for (;;) {
    const asked = await server.next();
    if (asked.path === "/api/poll") return asked;
    asked.cut();
  }
}

/** Resolves when the signal has the expected value. */
function waitFor<T>(value: ReadonlySignal<T>, expected: T): Promise<void> {
  return new Promise((resolve) => {
    const stop = value.subscribe((next) => {
      if (next === expected) queueMicrotask(() => (stop(), resolve()));
    });
  });
}

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { location } });
}

function openSession({ url, fetch }: ScriptedServer): ChatSession {
  const stored = memoryValue<StoredSession>(undefined);
  return new ChatSession({ url, fetch, stored, openStorage: openMemoryStorage });
}

/** Collects what the console says as errors, until disposed. */
function collectErrors() {
  const all: string[] = [];
  const { error } = console;
  console.error = (message: string) => void all.push(message);
  return { all, [Symbol.dispose]: () => void (console.error = error) };
}
