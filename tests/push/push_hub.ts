import { assertEquals } from "@std/assert";
import type { Hub } from "../../server/core/hub/hub.ts";
import type { Session } from "../../server/core/model/session.ts";
import { PUSH_TIMES, type PushTimes } from "../../server/push/push_job.ts";
import { PushKeys } from "../../server/push/push_key.ts";
import { Pushes } from "../../server/push/pushes.ts";
import { TestHub, type TestHubOptions } from "../support/hub.ts";
import { CONTACT, PushService } from "./push_service.ts";

/** Short enough for a test, and long enough to read a message before. */
export const TIMES: PushTimes = { ...PUSH_TIMES, after: 300, look: 50, retry: 20 };

/** A hub in memory that pushes to a service. */
export class PushHub implements AsyncDisposable {
  readonly test: TestHub;
  readonly service: PushService;
  readonly log: string[] = [];
  readonly #errors: unknown[] = [];
  readonly #stack = new AsyncDisposableStack();
  pushes!: Pushes;

  private constructor(test: TestHub, service: PushService) {
    this.test = this.#stack.use(test);
    this.service = this.#stack.use(service);
  }

  static async open(
    options: TestHubOptions = {},
    times: Partial<PushTimes> = {},
  ): Promise<PushHub> {
    const hub = new PushHub(await TestHub.open(options), new PushService());
    await hub.start(times);
    return hub;
  }

  /** Starts pushing, with another key or at another node if one is given. */
  async start(
    times: Partial<PushTimes> = {},
    { key, node: hub = this.test.hub, notices = "personal", otherHosts = [] }: {
      readonly key?: string;
      readonly otherHosts?: readonly string[];
      readonly node?: Hub;
      readonly notices?: "personal" | "all";
    } = {},
  ): Promise<void> {
    const { store } = this.test;
    const logger = {
      write: (level: string, event: string, fields = {}) =>
        void this.log.push(JSON.stringify({ level, event, ...fields })),
    };
    const onError = (error: unknown) => this.#errors.push(error);
    const settings = {
      hosts: [this.service.host, ...otherHosts],
      contact: CONTACT,
      key,
      notices,
    } as const;
    const all = { ...TIMES, ...times };
    this.pushes = (await Pushes.start({ store, hub, logger, onError }, settings, all))!;
  }

  /** Signs in a guest with a device for each name. */
  async signIn(displayName: string, ...devices: readonly string[]): Promise<Session> {
    const session = await this.test.signIn(displayName);
    for (const device of devices) await this.subscribe(session, device);
    return session;
  }

  async subscribe(
    { publicToken }: Session,
    device: string,
    contents = true,
    service: PushService = this.service,
  ): Promise<void> {
    const { publicKey: serverKey } = await PushKeys.load(this.test.store.keyValue, undefined);
    const subscription = await service.subscribe(device, serverKey);
    const { devices } = this.test.hub.accounts;
    await devices.add(publicToken, { ...subscription, serverKey, contents }, [service.host]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pushes[Symbol.asyncDispose]();
    await this.#stack.disposeAsync();
    assertEquals(this.#errors, []);
  }
}

/** The channel of two people. */
export function between(one: Session, other: Session): string {
  return `direct:${[one.publicToken, other.publicToken].sort().join(":")}`;
}
