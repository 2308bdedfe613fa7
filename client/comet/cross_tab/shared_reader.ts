import {
  type ConnectionState,
  isSame,
  type StopReason,
  stopReasonOf,
} from "../connection_state.ts";
import { HalleyError } from "../halley_error.ts";
import { pageState, watchPage } from "../page_lifecycle.ts";
import { type Asking, PollLoop } from "../poll_loop.ts";
import { randomKey } from "../random_key.ts";
import type { Reader, ReaderOptions } from "../reader.ts";
import type { PollReply } from "../../../server/protocol/replies.ts";
import { browserName, BrowserTurns } from "./browser_tab.ts";
import { Follower } from "./follower.ts";
import { type Leadership, seekLeadership } from "./leadership.ts";
import { filteredUpdate } from "./filtered_update.ts";
import { Members } from "./members.ts";
import {
  type Halt,
  type Here,
  type Lead,
  TabChannel,
  turndownOf,
  type Word,
} from "./tab_channel.ts";
import { LeaderWatchdog } from "./leader_watchdog.ts";

/** What belongs to a member while its page is there. */
interface Membership {
  readonly talk: TabChannel;
  readonly leadership: Leadership;
  readonly vigil: LeaderWatchdog;
}

/** Whether tabs can share a poll here: only pages of one browser that may keep something in common. */
export function canShare(): boolean {
  return typeof document !== "undefined" && typeof BroadcastChannel !== "undefined" &&
    browserName() !== undefined;
}

/**
 * Reads together with the other tabs of a browser: one of them, the leader, polls for all, and the others follow it.
 * Whatever they tell each other or fail to, each gives every message of its rooms once, in order.
 */
export class SharedReader implements Reader {
  readonly #options: ReaderOptions;
  readonly #group: string;
  readonly #self = randomKey();
  readonly #turns: BrowserTurns;
  readonly #members = new Members();
  readonly #follower: Follower;
  #state: ConnectionState = { name: "stopped", reason: "asked" };
  #page: Disposable | undefined;
  #membership: Membership | undefined;
  /** Polls while this is the leader. */
  #loop: PollLoop | undefined;
  #isCurrent = false;

  constructor(group: string, options: ReaderOptions) {
    this.#options = options;
    this.#group = group;
    this.#turns = new BrowserTurns(group);
    this.#follower = new Follower({
      ...options,
      onCancelled: (reason) => this.stop(reason),
      onRefused: (error) => this.stop(stopReasonOf(error), error),
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get cursor(): string | undefined {
    return this.#follower.cursor;
  }

  start(): void {
    if (this.#page) return;
    this.#page = watchPage({
      onNetwork: () => {},
      onVisibility: () => this.#noticePresence(),
      onLeave: () => this.#leave(),
      onReturn: () => this.#enter(),
    });
    this.#show({ name: "connecting" });
    this.#enter();
  }

  stop(reason: StopReason, problem?: HalleyError): void {
    if (!this.#page) return;
    if (reason !== "asked") {
      this.#say({ type: "halt", reason, ...(problem && { problem: turndownOf(problem) }) });
    }
    this.#end(reason, problem);
  }

  changeChannels(): void {
    this.#follower.changeChannels();
    this.#sayHere();
    this.#loop?.changeChannels();
  }

  tryNow(): void {
    this.#options.pauses.endAll();
    this.#say({ type: "hurry" });
  }

  #end(reason: StopReason, problem?: HalleyError): void {
    this.#page?.[Symbol.dispose]();
    this.#page = undefined;
    this.#leave();
    if (reason === "signed_out" || reason === "kicked") this.#turns.forget();
    this.#show({ name: "stopped", reason, ...(problem && { problem }) });
  }

  #enter(): void {
    if (this.#membership) return;
    const talk = new TabChannel(this.#group, (word) => this.#hear(word));
    const vigil = new LeaderWatchdog({
      onAsk: () => this.#loop || this.#sayHere(),
      onSilence: () => this.#membership?.leadership.seize(),
    });
    const leadership = seekLeadership(this.#group, {
      onWon: () => this.#lead(),
      onLost: () => this.#followAnother(),
    });
    this.#membership = { talk, vigil, leadership };
    this.#sayHere();
  }

  #leave(): void {
    if (!this.#membership) return;
    const { talk, vigil, leadership } = this.#membership;
    this.#say({ type: "bye", from: this.#self });
    this.#membership = undefined;
    this.#resign();
    this.#follower.rest();
    vigil[Symbol.dispose]();
    talk[Symbol.dispose]();
    // Last, so that whoever leads next finds nobody polling.
    leadership[Symbol.dispose]();
  }

  #lead(): void {
    this.#follower.rest();
    this.#isCurrent = false;
    this.#loop = new PollLoop({
      ...this.#options,
      cursor: this.#follower.cursor,
      tab: browserName() ?? this.#self,
      turns: this.#turns,
      channels: () => this.#allChannels(),
      presence: () => this.#presence,
      onReply: (reply, asking) => this.#passOn(reply, asking),
      onCursor: (cursor) => this.#move(cursor),
      onState: (state) => this.#tell(state),
    });
    this.#sayLead({ isNew: true });
    this.#loop.start();
  }

  /** Somebody else has taken over. */
  #followAnother(): void {
    this.#resign();
    this.#sayHere();
  }

  #resign(): void {
    this.#loop?.[Symbol.dispose]();
    this.#loop = undefined;
  }

  /** To the others first: they need not wait until this page is done with it. */
  #passOn(reply: PollReply, asking: Asking): void {
    this.#isCurrent = !reply.more;
    this.#sayLead({ cursor: reply.cursor, news: { reply, asking } });
    this.#options.onNews(filteredUpdate(reply, this.#options.channels()));
  }

  #move(cursor: string): void {
    this.#follower.cursor = cursor;
    this.#options.onCursor(cursor);
  }

  #tell(state: ConnectionState): void {
    if (state.name === "stopped") return this.stop(state.reason, state.problem);
    this.#show(state);
    this.#sayLead();
  }

  #hear(word: Word): void {
    if (word.type === "here") return this.#note(word);
    if (word.type === "bye") return this.#forget(word.from);
    if (word.type === "lead") return this.#heed(word);
    if (word.type === "halt") return this.#obey(word);
    if (this.#loop) this.#options.pauses.endAll();
  }

  #note(here: Here): void {
    const channels = this.#allChannels();
    this.#members.note(here);
    this.#noticeMembers(channels);
    this.#sayLead();
  }

  #forget(member: string): void {
    const channels = this.#allChannels();
    this.#members.remove(member);
    this.#noticeMembers(channels);
  }

  #noticeMembers(before: readonly string[]): void {
    if (!this.#loop) return;
    const now = this.#allChannels();
    const isSame = now.length === before.length && now.every((one) => before.includes(one));
    if (isSame) this.#loop.noticePresence();
    else this.#loop.changeChannels();
  }

  /** Another one leads; for a moment this one may too. */
  #heed(lead: Lead): void {
    this.#membership?.vigil.hear();
    if (lead.isNew) this.#sayHere();
    if (this.#loop) return;
    this.#follower.hear(lead);
    this.#show(lead.state);
  }

  #obey({ reason, problem }: Halt): void {
    this.#end(reason, problem && new HalleyError(problem));
  }

  #noticePresence(): void {
    this.#membership?.vigil.adjust();
    this.#loop?.noticePresence();
    this.#sayHere();
  }

  get #presence(): "active" | "background" {
    return this.#members.isActive ? "active" : pageState();
  }

  #allChannels(): readonly string[] {
    return [...new Set([...this.#options.channels(), ...this.#members.channels])];
  }

  #sayHere(): void {
    this.#membership?.vigil.speak();
    const channels = this.#options.channels();
    this.#say({ type: "here", from: this.#self, channels, presence: pageState() });
  }

  #sayLead(lead: Partial<Lead> = {}): void {
    if (!this.#loop) return;
    const { cursor } = this.#follower;
    const state = this.#state;
    this.#say({ type: "lead", state, cursor, isCurrent: this.#isCurrent, isNew: false, ...lead });
  }

  #say(word: Word): void {
    this.#membership?.talk.say(word);
  }

  #show(state: ConnectionState): void {
    if (isSame(state, this.#state)) return;
    this.#state = state;
    this.#options.onState(state);
  }
}
