import { assertEquals } from "@std/assert";
import { type PushWords, storeWords } from "../../../client/service_worker/push_words.ts";

const SCOPE = "https://shop.example/chat/";

const WORDS: PushWords = {
  owner: "alice",
  lang: "de",
  newMessage: "Neue Nachricht",
  system: "System",
};

const PUSHED = { type: "message", channel: "direct:alice:bob", id: 7, at: 5 };

interface Shown extends NotificationOptions {
  readonly title: string;
}

/** What a browser gives a worker: the notifications and windows that it has. */
class WorkerBrowser {
  notifications: Shown[] = [];
  windows: ReturnType<typeof openWindow>[] = [];
  readonly opened: string[] = [];
  isSubscribed = true;

  install(): void {
    const registration = {
      scope: SCOPE,
      getNotifications: ({ tag }: { readonly tag: string }) =>
        Promise.resolve(this.notifications.filter((one) => one.tag === tag)),
      showNotification: (title: string, options: NotificationOptions) => {
        const others = this.notifications.filter(({ tag }) => tag !== options.tag);
        this.notifications = [...others, { title, ...options }];
        return Promise.resolve();
      },
      pushManager: {
        getSubscription: () =>
          Promise.resolve({
            unsubscribe: () => {
              this.isSubscribed = false;
              return Promise.resolve(true);
            },
          }),
      },
    };
    const clients = {
      matchAll: () => Promise.resolve(this.windows),
      openWindow: (url: string) => Promise.resolve(this.opened.push(url)),
    };
    Object.assign(globalThis, { registration, clients });
  }

  /** The titles and texts that are shown. */
  get shown() {
    return this.notifications.map(({ title, body }) => [title, body]);
  }
}

function openWindow(url: string, visibilityState = "hidden", frameType = "top-level") {
  const got: unknown[] = [];
  return {
    ...{ url, visibilityState, frameType, got, isFocused: false },
    focus() {
      this.isFocused = true;
      return Promise.resolve();
    },
    postMessage: (message: unknown) => void got.push(message),
  };
}

const browser = new WorkerBrowser();
browser.install();
const { openConversation, reportChange, showPush } = await import(
  "../../../client/service_worker/pushes.ts"
);

function push(content: object): Promise<void> {
  return showPush({ json: () => content });
}

/** A click on a notification that leads to a conversation. */
async function click(address: string): Promise<void> {
  const notification = { close() {}, data: { address, id: 7 } };
  // deno-lint-ignore no-explicit-any -- only these members are used
  await openConversation(notification as any);
}

function workerTest(name: string, test: () => Promise<void>): void {
  Deno.test(name, async () => {
    const { notifications, windows } = new WorkerBrowser();
    Object.assign(browser, { notifications, windows, isSubscribed: true });
    browser.opened.length = 0;
    await storeWords(SCOPE, WORDS);
    try {
      await test();
    } finally {
      await storeWords(SCOPE, undefined);
    }
  });
}

for (
  const [what, content, expected] of [
    ["a message", { from: "bob", text: "hi" }, ["bob", "hi"]],
    ["a notice with a title", { from: "shop", title: "Sale", text: "now" }, ["Sale", "now"]],
    ["a notice without a name", { channel: "notice:alice", text: "hi" }, ["System", "hi"]],
    ["a message without a text", { from: "bob" }, ["bob", ""]],
    ["a message without contents", {}, ["Halley", "Neue Nachricht"]],
  ] as const
) {
  workerTest(`[V27] the worker shows ${what} in the language of the page`, async () => {
    await push({ ...PUSHED, ...content });

    assertEquals(browser.shown, [[...expected]]);
  });
}

workerTest("[V27] a push without data is a new message", async () => {
  await showPush(null);

  assertEquals(browser.shown, [["Halley", "Neue Nachricht"]]);
});

workerTest(
  "[V27] while a page is visible, nothing is shown; other pages do not count",
  async () => {
    browser.windows = [
      openWindow(`${SCOPE}admin`, "visible"),
      openWindow("https://shop.example/", "visible"),
      openWindow(`${SCOPE}?a=b`, "visible", "nested"),
      openWindow(SCOPE, "hidden"),
    ];
    await push({ ...PUSHED, from: "bob", text: "first" });
    assertEquals(browser.shown, [["bob", "first"]]);

    browser.windows.push(openWindow(`${SCOPE}#room:tea`, "visible"));
    await push({ ...PUSHED, id: 8, from: "bob", text: "second" });

    assertEquals(browser.shown, [["bob", "first"]]);
  },
);

workerTest(
  "[V27] after the session has ended here, nothing is shown, and the subscription ends",
  async () => {
    await storeWords(SCOPE, undefined);

    await push({ ...PUSHED, from: "bob", text: "secret" });

    assertEquals([browser.shown, browser.isSubscribed], [[], false]);
  },
);

workerTest("[V28] each conversation has one notification, with its newest message", async () => {
  await push({ ...PUSHED, from: "bob", text: "first" });
  await push({ ...PUSHED, channel: "room:tea", id: 8, from: "carol", text: "tea?" });
  await push({ ...PUSHED, id: 9, from: "bob", text: "second" });

  // Late, and twice.
  await push({ ...PUSHED, from: "bob", text: "first" });
  await push({ ...PUSHED, id: 9, from: "bob", text: "second" });

  assertEquals(browser.shown, [["carol", "tea?"], ["bob", "second"]]);
});

workerTest("[V29] a click opens the conversation, below the path of the page", async () => {
  for (const channel of ["direct:alice:bob", "room:tee & küche", "notice", "notice:alice"]) {
    browser.notifications = [];
    browser.windows = [openWindow(`${SCOPE}admin`)];
    await push({ ...PUSHED, channel });
    await click(browser.notifications[0]?.data.address);
  }

  assertEquals(browser.opened, [
    `${SCOPE}#direct:bob`,
    `${SCOPE}#room:tee%20&%20k%C3%BCche`,
    `${SCOPE}#notice`,
    `${SCOPE}#notice`,
  ]);
});

workerTest("[V29] a click has the page that was used last open the conversation", async () => {
  const [last, other] = [openWindow(`${SCOPE}#room:milk`), openWindow(SCOPE)];
  browser.windows = [openWindow(`${SCOPE}admin`), last, other];

  await click("direct:bob");

  assertEquals([last.isFocused, other.isFocused, browser.opened], [true, false, []]);
  assertEquals([last.got, other.got], [[{ type: "open", address: "direct:bob" }], []]);
});

workerTest(
  "[U373] when the browser has changed the subscription, open pages subscribe again",
  async () => {
    browser.windows = [openWindow(SCOPE)];

    await reportChange();

    assertEquals(browser.windows[0]?.got, [{ type: "subscription_changed" }]);
  },
);
