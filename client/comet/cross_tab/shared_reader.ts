import {
  type ConnectionState,
  isSameState,
  type StopReason,
  stopReasonOf,
} from "../connection_state.ts";
import { HalleyError } from "../halley_error.ts";
import { pageState, watchPage } from "../page_lifecycle.ts";
import type { Platform } from "../platform.ts";
import { PollLoop, type SentPoll } from "../poll_loop.ts";
import { randomKeyFrom } from "../random_key.ts";
import type { Reader, ReaderOptions } from "../reader.ts";
import type { SharedReaderOptions } from "../sharing.ts";
import type { PollReply } from "../../../server/protocol/replies.ts";
import { BrowserTurns, groupTab } from "./browser_storage.ts";
import { standForElection } from "./election.ts";
import { Follower } from "./follower.ts";
import { LeaderWatchdog } from "./leader_watchdog.ts";
import type { Leadership } from "./leadership.ts";
import { Members } from "./members.ts";
import {
  type Announcement,
  type LeaderUpdate,
  postable,
  type Stop,
  TabChannel,
  type TabMessage,
} from "./tab_channel.ts";

/** The connections of a member to its group. */
interface Membership {
  readonly channel: TabChannel;
  readonly watchdog: LeaderWatchdog;
  readonly leadership: Leadership;
}

/** Only the tabs of one browser can share a poll, if they can exchange messages and store a common name. */
export function openSharedReader({ group, options, openAlone }: SharedReaderOptions): Reader {
  const { platform } = options;
  const canShare = platform.BroadcastChannel !== undefined && groupTab(platform, "") !== undefined;
  return canShare ? new SharedReader(group, options) : openAlone();
}

/**
 * Reads together with the other tabs of a browser. One member of the group, the leader, polls for all; the others follow
 * it. Each delivers every message of its rooms once, in order, even if messages between the tabs are lost.
 *
 * - **stopped** (no page): `start()` leads to following.
 * - **following** (a membership, no loop): announces itself, and delivers what the leader sends. When it wins the
 *   leadership: leading. The watchdog seizes it from a leader that does not answer.
 * - **leading** (a membership and a loop): polls for the channels of all members, and sends them each reply. When another
 *   member has taken over: following. Both can lead for a moment.
 * - **away** (a page, no membership): the page is frozen, and has left the group. When it is shown again: following.
 *
 * From each of them `stop()`, or a member that has been stopped by the server, leads to stopped.
 */
export class SharedReader implements Reader {
  readonly #options: ReaderOptions;
  readonly #platform: Platform;
  readonly #group: string;
  readonly #self: string;
  readonly #turns: BrowserTurns;
  readonly #members: Members;
  readonly #follower: Follower;
  #state: ConnectionState = { name: "stopped", reason: "asked" };
  #page: Disposable | undefined;
  #membership: Membership | undefined;
  #loop: PollLoop | undefined;
  /** Whether the leader's last reply was complete. */
  #isCurrent = false;

  constructor(group: string, options: ReaderOptions) {
    const platform = this.#platform = options.platform;
    this.#options = options;
    this.#group = group;
    this.#self = randomKeyFrom(platform);
    this.#members = new Members(platform);
    this.#turns = new BrowserTurns(platform, group);
    this.#follower = new Follower({
      ...options,
      onCancelled: (reason) => this.stop(reason),
      onRejected: (error) => this.stop(stopReasonOf(error), error),
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
    this.#page = watchPage(this.#platform, {
      onNetwork: () => {},
      onVisibility: () => this.#updatePresence(),
      onLeave: () => this.#leave(),
      onReturn: () => this.#join(),
    });
    this.#setState({ name: "connecting" });
    this.#join();
  }

  stop(reason: StopReason, problem?: HalleyError): void {
    if (!this.#page) return;
    // Each member has a `getToken` of its own.
    if (reason !== "asked" && reason !== "other_user") {
      this.#post({ type: "stop", reason, ...(problem && { problem: postable(problem) }) });
    }
    this.#end(reason, problem);
  }

  changeChannels(): void {
    this.#follower.changeChannels();
    this.#announce();
    this.#loop?.changeChannels();
  }

  tryNow(): void {
    this.#options.delays.skipAll();
    this.#post({ type: "try_now" });
  }

  #end(reason: StopReason, problem?: HalleyError): void {
    this.#page?.[Symbol.dispose]();
    this.#page = undefined;
    this.#leave();
    if (reason === "signed_out" || reason === "kicked") this.#turns.clear();
    this.#setState({ name: "stopped", reason, ...(problem && { problem }) });
  }

  #join(): void {
    if (this.#membership) return;
    const channel = new TabChannel(
      this.#platform,
      this.#group,
      (message) => this.#onMessage(message),
    );
    const watchdog = new LeaderWatchdog(this.#platform, {
      onAnnounce: () => this.#loop || this.#announce(),
      onFailure: () => this.#membership?.leadership.seize(),
    });
    const leadership = standForElection(this.#platform, this.#group, {
      onWon: () => this.#startLeading(),
      onLost: () => {
        this.#stopLeading();
        this.#announce();
      },
    });
    this.#membership = { channel, watchdog, leadership };
    this.#announce();
  }

  #leave(): void {
    if (!this.#membership) return;
    const { channel, watchdog, leadership } = this.#membership;
    this.#post({ type: "leave", from: this.#self });
    this.#membership = undefined;
    this.#stopLeading();
    this.#follower.suspend();
    watchdog[Symbol.dispose]();
    channel[Symbol.dispose]();
    // Last, so that this page does not poll any more when the next member leads.
    leadership[Symbol.dispose]();
  }

  #startLeading(): void {
    this.#follower.suspend();
    this.#isCurrent = false;
    this.#loop = new PollLoop({
      ...this.#options,
      cursor: this.#follower.cursor,
      tab: groupTab(this.#platform, this.#group) ?? this.#self,
      turns: this.#turns,
      channels: () => this.#allChannels(),
      presence: () => this.#members.isActive ? "active" : pageState(this.#platform),
      onReply: (reply, sent) => this.#onReply(reply, sent),
      onCursor: () => {},
      onState: (state) => this.#onLoopState(state),
    });
    this.#postUpdate({ isNew: true });
    this.#loop.start();
  }

  #stopLeading(): void {
    this.#loop?.[Symbol.dispose]();
    this.#loop = undefined;
  }

  #onReply(reply: PollReply, sent: SentPoll): void {
    this.#isCurrent = !reply.more;
    const update = this.#updateWith({ cursor: reply.cursor, poll: { sent, reply } });
    // The others first: they need not wait for the listeners of this page.
    this.#post(update);
    this.#follower.follow(update);
  }

  #onLoopState(state: ConnectionState): void {
    if (state.name === "stopped") return this.stop(state.reason, state.problem);
    this.#setState(state);
    this.#postUpdate();
  }

  #onMessage(message: TabMessage): void {
    if (message.type === "announcement") return this.#onAnnouncement(message);
    if (message.type === "leave") return this.#onLeave(message.from);
    if (message.type === "leader") return this.#onLeaderUpdate(message);
    if (message.type === "stop") return this.#onStop(message);
    if (this.#loop) this.#options.delays.skipAll();
  }

  #onAnnouncement(announcement: Announcement): void {
    const before = this.#allChannels();
    this.#members.add(announcement);
    this.#onMembersChanged(before);
    this.#postUpdate();
  }

  #onLeave(member: string): void {
    const before = this.#allChannels();
    this.#members.remove(member);
    this.#onMembersChanged(before);
  }

  #onMembersChanged(before: readonly string[]): void {
    if (!this.#loop) return;
    const now = this.#allChannels();
    const isSame = now.length === before.length && now.every((one) => before.includes(one));
    if (isSame) this.#loop.updatePresence();
    else this.#loop.changeChannels();
  }

  #onLeaderUpdate(update: LeaderUpdate): void {
    this.#membership?.watchdog.onLeaderMessage();
    if (update.isNew) this.#announce();
    if (this.#loop) return;
    this.#follower.follow(update);
    this.#setState(update.state);
  }

  #onStop({ reason, problem }: Stop): void {
    this.#end(reason, problem && new HalleyError(problem));
  }

  #updatePresence(): void {
    this.#membership?.watchdog.updateInterval();
    this.#loop?.updatePresence();
    this.#announce();
  }

  #allChannels(): readonly string[] {
    return [...new Set([...this.#options.channels(), ...this.#members.channels])];
  }

  #announce(): void {
    this.#membership?.watchdog.onAnnounced();
    const channels = this.#options.channels();
    this.#post({
      type: "announcement",
      from: this.#self,
      channels,
      presence: pageState(this.#platform),
    });
  }

  #postUpdate(update: Partial<LeaderUpdate> = {}): void {
    if (this.#loop) this.#post(this.#updateWith(update));
  }

  #updateWith(update: Partial<LeaderUpdate>): LeaderUpdate {
    return {
      type: "leader",
      state: this.#state,
      cursor: this.#loop?.cursor,
      isCurrent: this.#isCurrent,
      isNew: false,
      ...update,
    };
  }

  #post(message: TabMessage): void {
    this.#membership?.channel.post(message);
  }

  #setState(state: ConnectionState): void {
    if (isSameState(state, this.#state)) return;
    this.#state = state;
    this.#options.onState(state);
  }
}
