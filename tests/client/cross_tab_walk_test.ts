import { assertEquals } from "@std/assert";
import { CometClient } from "../../client/comet/halley.ts";
import { SeededRandom } from "../../server/commands/soak/seeded_random.ts";
import { Chat, type TestUser } from "../support/chat.ts";
import { stopClock, type StoppedClock } from "../support/clock.ts";
import { type FakeBrowser, openFakeBrowser } from "./support/browser.ts";
import { type Conditions, openBadNetwork } from "./support/bad_network.ts";

const SEEDS = Number(Deno.env.get("HALLEY_WALKS") ?? 12);
const FIRST_SEED = Number(Deno.env.get("HALLEY_WALK") ?? 1);
const STEPS = 120;
const ROOMS = ["room:tea", "room:milk", "room:water"] as const;

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
  Deno.test(`[C42] each tab delivers every message once, in order, even if messages between tabs are lost (walk ${seed})`, async () => {
    using clock = stopClock();
    await using walk = await Walk.open(seed, clock);

    await walk.run();

    for (const { rooms, texts } of walk.members) {
      const expected = walk.sent.filter(({ room }) => rooms.includes(room));
      assertEquals(texts, expected.map(({ text }) => text));
    }
    assertEquals(walk.parked, 1);
  });
}

/** A tab, its rooms, and the texts that its client has delivered. */
interface Member {
  readonly client: CometClient;
  readonly rooms: readonly string[];
  readonly texts: (string | undefined)[];
  isWaiting: boolean;
}

/** A random test in which bob sends messages, and alice reads them in several tabs of a browser. */
class Walk implements AsyncDisposable {
  readonly members: Member[] = [];
  readonly sent: { readonly room: string; readonly text: string }[] = [];
  readonly #random: SeededRandom;
  readonly #clock: StoppedClock;
  readonly #browser: FakeBrowser;
  readonly #chat: Chat;
  readonly #alice: TestUser;
  readonly #bob: TestUser;
  readonly #network: Conditions = { loss: 0, delay: 0 };
  readonly #closeNetwork: Disposable;
  readonly #cursor: string;
  #muted: Disposable | undefined;

  static async open(seed: number, clock: StoppedClock): Promise<Walk> {
    const chat = await Chat.open();
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const { cursor } = await alice.poll({});
    return new Walk(seed, clock, { chat, alice, bob, cursor });
  }

  private constructor(
    seed: number,
    clock: StoppedClock,
    { chat, alice, bob, cursor }: { chat: Chat; alice: TestUser; bob: TestUser; cursor: string },
  ) {
    this.#random = new SeededRandom(seed, "walk");
    this.#clock = clock;
    this.#browser = openFakeBrowser(seed);
    this.#chat = chat;
    this.#alice = alice;
    this.#bob = bob;
    this.#cursor = cursor;
    this.#closeNetwork = openBadNetwork(chat, this.#network, new SeededRandom(seed, "network"));
  }

  get parked(): number {
    return this.#chat.test.hub.parked;
  }

  /** Random steps, and then a minute without faults, in which all tabs catch up. */
  async run(): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      await this.#step();
      await this.#clock.pass(this.#random.between(0, 60));
    }
    this.#muted?.[Symbol.dispose]();
    Object.assign(this.#network, { loss: 0, delay: 10 });
    Object.assign(this.#browser.conditions, { loss: 0, delay: 0 });
    for (const member of this.members) this.#startWaiting(member);
    for (let second = 0; second < 60; second++) await this.#clock.pass(1_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { client } of this.members) client[Symbol.dispose]();
    this.#closeNetwork[Symbol.dispose]();
    this.#browser[Symbol.dispose]();
    await this.#chat[Symbol.asyncDispose]();
  }

  async #step(): Promise<void> {
    const dice = this.#random.next();
    if (dice < 0.6) return await this.#send(1);
    if (dice < 0.62) return await this.#send(150);
    if (dice < 0.7) return this.#open();
    if (dice < 0.78) return this.#startOrStop();
    if (dice < 0.83) return this.#mute();
    if (dice < 0.93) return this.#changeConditions();
    await this.#clock.pass(this.#random.between(0, 5_000));
  }

  async #send(count: number): Promise<void> {
    const room = this.#random.pick(ROOMS) ?? "";
    for (let n = 0; n < count; n++) {
      const text = String(this.sent.length);
      this.sent.push({ room, text });
      await this.#bob.say(room, text);
    }
  }

  /** Opens another tab, which reads from the cursor at the beginning. */
  #open(): void {
    if (this.members.length === 6) return;
    const rooms = ROOMS.filter(() => this.#random.next() < 0.7);
    const texts: (string | undefined)[] = [];
    const client = new CometClient({
      url: "http://halley.test",
      privateToken: this.#alice.privateToken,
      channels: rooms,
      cursor: this.#cursor,
      share: true,
    });
    client.on("message", ({ text }) => texts.push(text));
    const member = { client, rooms, texts, isWaiting: false };
    this.members.push(member);
    this.#startWaiting(member);
  }

  #startOrStop(): void {
    const member = this.#random.pick(this.members);
    if (!member) return;
    if (!member.isWaiting) return this.#startWaiting(member);
    member.client.stopWaiting();
    member.isWaiting = false;
  }

  #startWaiting(member: Member): void {
    member.client.startWaiting();
    member.isWaiting = true;
  }

  /** Cuts one of the tabs off from the others, as if it hung. */
  #mute(): void {
    this.#muted?.[Symbol.dispose]();
    this.#muted = this.#browser.mute(this.#random.next());
  }

  #changeConditions(): void {
    const isBad = this.#random.next() < 0.5;
    const random = this.#random;
    Object.assign(this.#browser.conditions, {
      loss: isBad ? random.between(0, 0.3) : 0,
      delay: isBad ? random.between(0, 300) : 0,
    });
    Object.assign(this.#network, {
      loss: isBad ? random.between(0, 0.2) : 0,
      delay: random.between(0, 100),
    });
  }
}
