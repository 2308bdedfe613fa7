import { assertEquals, assertRejects } from "@std/assert";
import { CometClient } from "../../client/comet/halley.ts";
import { storedWords } from "../../client/service_worker/push_words.ts";
import {
  removeFrom,
  subscribe,
  SubscribeError,
  unsubscribe,
} from "../../client/ui/push/subscription.ts";
import { textOf } from "../../server/push/push_key.ts";
import { Chat, PUSH } from "../support/chat.ts";

const SCOPE = "https://chat.example/";

/** A browser that subscribes at a push service. */
class PushBrowser {
  /** What the next subscription is refused with. */
  error: Error | undefined;
  host = PUSH.hosts[0];
  current: PushSubscription | undefined;
  readonly closed: string[] = [];
  #count = 0;

  get registration(): ServiceWorkerRegistration {
    const close = () => void this.closed.push("hello");
    const used = {
      scope: SCOPE,
      getNotifications: () => Promise.resolve([{ close }]),
      pushManager: {
        getSubscription: () => Promise.resolve(this.current ?? null),
        subscribe: ({ applicationServerKey }: { readonly applicationServerKey: string }) =>
          this.#subscribe(applicationServerKey),
      },
    };
    // deno-lint-ignore no-explicit-any -- only these members are used
    return used as any;
  }

  #subscribe(key: string): Promise<PushSubscription> {
    if (this.error) return Promise.reject(this.error);
    const endpoint = `https://${this.host}/${++this.#count}`;
    const keys = { p256dh: "B".padEnd(87, "x"), auth: textOf(new Uint8Array(16)) };
    const applicationServerKey = Uint8Array.fromBase64(key, { alphabet: "base64url" }).buffer;
    const subscription = {
      ...{ endpoint, options: { applicationServerKey, userVisibleOnly: true } },
      toJSON: () => ({ endpoint, expirationTime: null, keys }),
      unsubscribe: () => {
        this.current = undefined;
        return Promise.resolve(true);
      },
    };
    // deno-lint-ignore no-explicit-any -- as above
    return Promise.resolve(this.current = subscription as any);
  }
}

/** A server, a browser, and a person who is signed in there. */
async function withBrowser(
  test: (there: ReturnType<typeof openBrowser>) => Promise<void>,
): Promise<void> {
  await using chat = await Chat.open({ push: { ...PUSH } });
  const there = openBrowser(chat);
  try {
    await test(there);
  } finally {
    await unsubscribe(there.browser.registration);
  }
}

function openBrowser(chat: Chat) {
  const browser = new PushBrowser();
  const open = async (displayName: string) => {
    const session = await chat.signIn(displayName);
    const { privateToken, publicToken: owner } = session;
    const fetch = async (url: string, init: RequestInit) =>
      await chat.app.request(new URL(url).pathname, init);
    const client = new CometClient({ url: SCOPE, fetch, privateToken, share: false });
    return {
      client,
      subscribe: (contents = true) => {
        const words = { owner, lang: "en", newMessage: "New message", system: "System" };
        return subscribe({ client, registration: browser.registration, words, contents });
      },
      devices: async () =>
        (await chat.test.hub.accounts.devices.list(owner))
          .map(({ endpoint, contents }) => [endpoint.slice(-1), contents]),
    };
  };
  return { chat, browser, open };
}

Deno.test("[U371] a browser is added to the session once, and removed from it with what the worker knows", () =>
  withBrowser(async ({ browser, open }) => {
    const alice = await open("alice");

    await alice.subscribe();
    await alice.subscribe(false);

    assertEquals(await alice.devices(), [["1", false]]);
    assertEquals((await storedWords(SCOPE))?.newMessage, "New message");
    await removeFrom(alice.client, browser.registration);
    assertEquals(await alice.devices(), []);
    assertEquals([await storedWords(SCOPE), browser.current, browser.closed], [
      ...[undefined, undefined, ["hello"]],
    ]);
  }));

Deno.test("[U373] with another key of the server, the browser subscribes anew in place of the old subscription", async () => {
  const push = { ...PUSH };
  await using chat = await Chat.open({ push });
  const { browser, open } = openBrowser(chat);
  const alice = await open("alice");
  await alice.subscribe();

  push.publicKey = `${"B".padEnd(86, "A")}Q` as typeof push.publicKey;
  await alice.subscribe();

  assertEquals(await alice.devices(), [["2", true]]);
  await unsubscribe(browser.registration);
});

Deno.test("[U373] the next user of a browser has another subscription: nothing for the one before reaches it", () =>
  withBrowser(async ({ browser, open }) => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    await alice.subscribe();

    await bob.subscribe();

    assertEquals([await bob.devices(), browser.current?.endpoint.slice(-1)], [[["2", true]], "2"]);
    assertEquals(await alice.devices(), [["1", true]]); // That subscription has ended.
  }));

for (
  const [failure, fail] of [
    ["denied", (browser) => browser.error = new DOMException("denied", "NotAllowedError")],
    ["service", (browser) => browser.error = new DOMException("no service", "AbortError")],
    ["unknown_service", (browser) => browser.host = "push.unknown.example" as typeof browser.host],
  ] as const satisfies readonly (readonly [string, (browser: PushBrowser) => void])[]
) {
  Deno.test(`[U372] a browser that cannot be added says why: ${failure}`, () =>
    withBrowser(async ({ browser, open }) => {
      const alice = await open("alice");
      fail(browser);

      const error = await assertRejects(() => alice.subscribe(), SubscribeError);

      assertEquals([error.failure, await alice.devices()], [failure, []]);
    }));
}

Deno.test("[U372] a browser that cannot be added says that the server is away, or does not push any more", async () => {
  await using chat = await Chat.open({ push: "off" });
  const alice = await openBrowser(chat).open("alice");

  const error = await assertRejects(() => alice.subscribe(), SubscribeError);

  assertEquals(error.failure, "server");
});
