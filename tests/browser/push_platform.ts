import type { BrowserContext, CDPSession, Page, Worker } from "playwright-core";
import type { PushService } from "../push/push_service.ts";
import { waitUntil } from "../support/wait_until.ts";

/** A notification that is shown. */
export interface ShownNotification {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
}

/** How the browser answers a page that wants to subscribe. */
type Answer = "subscribed" | "unreachable";

/**
 * What headless Chromium does not have: the notifications of a system, and a connection to a push service. The worker, its
 * events, and the page are Chromium's own; a push is delivered to the worker by the DevTools protocol.
 */
export class PushPlatform {
  answer: Answer = "subscribed";
  readonly #context: BrowserContext;
  readonly #service: PushService;
  #count = 0;

  private constructor(context: BrowserContext, service: PushService) {
    this.#context = context;
    this.#service = service;
  }

  /** For the pages of a context from now on. */
  static async install(context: BrowserContext, service: PushService): Promise<PushPlatform> {
    const platform = new PushPlatform(context, service);
    await context.exposeFunction("subscribeAtService", async (serverKey: string) => {
      if (platform.answer === "unreachable") return null;
      return await service.subscribe(`device-${++platform.#count}`, serverKey);
    });
    await context.addInitScript(standIn);
    context.on("serviceworker", (worker) => worker.evaluate(standIn).catch(() => {}));
    return platform;
  }

  /** How the browser's user answers the question for permission. */
  async permit(page: Page, permission: NotificationPermission): Promise<void> {
    await page.evaluate((answer) => localStorage.setItem("test permission", answer), permission);
  }

  /** The key of the server with which the browser of a page has subscribed. */
  async serverKey(page: Page): Promise<string | undefined> {
    return (await stored(page, "subscription"))?.serverKey;
  }

  async shown(page: Page): Promise<readonly ShownNotification[]> {
    return await stored(page, "notifications") ?? [];
  }

  /** Delivers what the service has got for a device to the worker of the page. */
  async deliver(page: Page, content: unknown): Promise<void> {
    const cdp = await this.#context.newCDPSession(page);
    const registrationId = await registrationOf(cdp);
    const { origin } = new URL(page.url());
    const data = JSON.stringify(content);
    await cdp.send("ServiceWorker.deliverPushMessage", { origin, registrationId, data });
    await cdp.detach();
  }

  /** Clicks the notification that is shown; returns the address of the window that the worker opens. */
  async click(): Promise<string | undefined> {
    return await this.#worker.evaluate(async () => {
      const { registration } = self as unknown as { registration: ServiceWorkerRegistration };
      const [notification] = await registration.getNotifications();
      const works: Promise<unknown>[] = [];
      let opened: string | undefined;
      const { clients } = self as unknown as { clients: { openWindow(url: string): unknown } };
      clients.openWindow = (url) => Promise.resolve(opened = url);
      const event = new Event("notificationclick");
      const waitUntil = (work: Promise<unknown>) => works.push(work);
      self.dispatchEvent(Object.assign(event, { notification, waitUntil }));
      await Promise.all(works);
      return opened;
    });
  }

  get #worker(): Worker {
    return this.#context.serviceWorkers().at(-1)!;
  }
}

// deno-lint-ignore no-explicit-any -- only tests write there
async function stored(page: Page, name: string): Promise<any> {
  return await page.evaluate(async (path) => {
    const response = await (await caches.open("test platform")).match(`/${path}`);
    return await response?.json();
  }, name);
}

async function registrationOf(cdp: CDPSession): Promise<string> {
  let found: string | undefined;
  cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
    found ??= registrations.find(({ isDeleted }) => !isDeleted)?.registrationId;
  });
  await cdp.send("ServiceWorker.enable");
  await waitUntil(() => found !== undefined, "the browser lists the worker");
  return found!;
}

/** Runs in pages and workers. */
function standIn(): void {
  const cache = () => caches.open("test platform");
  // deno-lint-ignore no-explicit-any -- as above
  const read = async (name: string): Promise<any> =>
    await (await (await cache()).match(`/${name}`))?.json();
  const write = async (name: string, value: unknown) => {
    if (value === undefined) await (await cache()).delete(`/${name}`);
    else await (await cache()).put(`/${name}`, new Response(JSON.stringify(value)));
  };
  interface Kept extends NotificationOptions {
    title: string;
  }
  const notifications = async (): Promise<Kept[]> => await read("notifications") ?? [];
  const without = async (tag: unknown) => (await notifications()).filter((one) => one.tag !== tag);
  Object.assign(ServiceWorkerRegistration.prototype, {
    async showNotification(title: string, options: NotificationOptions) {
      await write("notifications", [...await without(options.tag), { title, ...options }]);
    },
    async getNotifications({ tag }: { tag?: string } = {}) {
      const wanted = (await notifications()).filter((one) => tag === undefined || one.tag === tag);
      return wanted.map((one) => ({
        ...one,
        close: async () => await write("notifications", await without(one.tag)),
      }));
    },
  });
  const bytesOf = (key: string) =>
    Uint8Array.from(
      atob(key.replaceAll("-", "+").replaceAll("_", "/")),
      (character) => character.charCodeAt(0),
    ).buffer;
  // deno-lint-ignore no-explicit-any -- as above
  const subscriptionOf = ({ serverKey, ...data }: any) => ({
    ...data,
    options: { applicationServerKey: bytesOf(serverKey) },
    toJSON: () => ({ ...data, expirationTime: null }),
    unsubscribe: async () => {
      await write("subscription", undefined);
      return true;
    },
  });
  Object.assign(PushManager.prototype, {
    async getSubscription() {
      const data = await read("subscription");
      return data ? subscriptionOf(data) : null;
    },
    async subscribe({ applicationServerKey: serverKey }: { applicationServerKey: string }) {
      const subscribe = Reflect.get(globalThis, "subscribeAtService");
      const data = await subscribe(serverKey);
      if (!data) throw new DOMException("push service not available", "AbortError");
      await write("subscription", { ...data, serverKey });
      return subscriptionOf({ ...data, serverKey });
    },
  });
  if (!("localStorage" in globalThis)) return;
  class Permission {
    static get permission() {
      return localStorage.getItem("test granted") ?? "default";
    }
    static requestPermission() {
      const answer = localStorage.getItem("test permission") ?? "default";
      localStorage.setItem("test granted", answer);
      return Promise.resolve(answer);
    }
  }
  Reflect.set(globalThis, "Notification", Permission);
}
