import { assertEquals } from "@std/assert";
import { CometClient } from "../../client/comet/halley.ts";
import { SeededRandom } from "../../server/commands/soak/seeded_random.ts";
import { Chat, type TestUser } from "../support/chat.ts";
import { stopClock, type StoppedClock } from "../support/clock.ts";
import { type FakeBrowser, openFakeBrowser } from "./support/browser.ts";
import { openRoughNetwork, type Roughness } from "./support/rough_network.ts";

const SEEDS = Number(Deno.env.get("HALLEY_WALKS") ?? 12);
const FIRST_SEED = Number(Deno.env.get("HALLEY_WALK") ?? 1);
const STEPS = 120;
const ROOMS = ["room:tea", "room:milk", "room:water"] as const;

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
  Deno.test(`[C42] whatever tabs fail to tell each other, each gives every message once, in order (walk ${seed})`, async () => {
    using clock = stopClock();
    await using walk = await Walk.open(seed, clock);

    await walk.go();

    for (const { rooms, texts } of walk.members) {
      const expected = walk.said.filter(({ room }) => rooms.includes(room));
      assertEquals(texts, expected.map(({ text }) => text));
    }
    assertEquals(walk.parked, 1);
  });
}

/** A tab: what it reads, and what its client has given. */
interface Member {
  readonly client: CometClient;
  readonly rooms: readonly string[];
  readonly texts: (string | undefined)[];
  isWaiting: boolean;
}

/** A random conversation in which bob talks, and alice has a browser with several tabs. */
class Walk implements AsyncDisposable {
  readonly members: Member[] = [];
  readonly said: { readonly room: string; readonly text: string }[] = [];
  readonly #chance: SeededRandom;
  readonly #clock: StoppedClock;
  readonly #browser: FakeBrowser;
  readonly #chat: Chat;
  readonly #alice: TestUser;
  readonly #bob: TestUser;
  readonly #roughness: Roughness = { loss: 0, delay: 0 };
  readonly #network: Disposable;
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
    this.#chance = new SeededRandom(seed, "walk");
    this.#clock = clock;
    this.#browser = openFakeBrowser(seed);
    this.#chat = chat;
    this.#alice = alice;
    this.#bob = bob;
    this.#cursor = cursor;
    this.#network = openRoughNetwork(chat, this.#roughness, new SeededRandom(seed, "network"));
  }

  get parked(): number {
    return this.#chat.test.hub.parked;
  }

  /** Many steps, and then as much calm as everybody needs. */
  async go(): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      await this.#step();
      await this.#clock.pass(this.#chance.between(0, 60));
    }
    this.#muted?.[Symbol.dispose]();
    Object.assign(this.#roughness, { loss: 0, delay: 10 });
    Object.assign(this.#browser.weather, { loss: 0, delay: 0 });
    for (const member of this.members) this.#startWaiting(member);
    for (let second = 0; second < 60; second++) await this.#clock.pass(1_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { client } of this.members) client[Symbol.dispose]();
    this.#network[Symbol.dispose]();
    this.#browser[Symbol.dispose]();
    await this.#chat[Symbol.asyncDispose]();
  }

  async #step(): Promise<void> {
    const dice = this.#chance.next();
    if (dice < 0.6) return await this.#say(1);
    if (dice < 0.62) return await this.#say(150);
    if (dice < 0.7) return this.#open();
    if (dice < 0.78) return this.#startOrStop();
    if (dice < 0.83) return this.#mute();
    if (dice < 0.93) return this.#changeWeather();
    await this.#clock.pass(this.#chance.between(0, 5_000));
  }

  async #say(count: number): Promise<void> {
    const room = this.#chance.pick(ROOMS) ?? "";
    for (let n = 0; n < count; n++) {
      const text = String(this.said.length);
      this.said.push({ room, text });
      await this.#bob.say(room, text);
    }
  }

  /** Another tab, which reads on from the beginning of the walk. */
  #open(): void {
    if (this.members.length === 6) return;
    const rooms = ROOMS.filter(() => this.#chance.next() < 0.7);
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
    const member = this.#chance.pick(this.members);
    if (!member) return;
    if (!member.isWaiting) return this.#startWaiting(member);
    member.client.stopWaiting();
    member.isWaiting = false;
  }

  #startWaiting(member: Member): void {
    member.client.startWaiting();
    member.isWaiting = true;
  }

  /** Nobody hears one of them any more: so the others believe it hangs. */
  #mute(): void {
    this.#muted?.[Symbol.dispose]();
    this.#muted = this.#browser.mute(this.#chance.next());
  }

  #changeWeather(): void {
    const isRough = this.#chance.next() < 0.5;
    const chance = this.#chance;
    Object.assign(this.#browser.weather, {
      loss: isRough ? chance.between(0, 0.3) : 0,
      delay: isRough ? chance.between(0, 300) : 0,
    });
    Object.assign(this.#roughness, {
      loss: isRough ? chance.between(0, 0.2) : 0,
      delay: chance.between(0, 100),
    });
  }
}
