import { BrowserTurns } from "../../../client/comet/cross_tab/browser_storage.ts";
import { Follower } from "../../../client/comet/cross_tab/follower.ts";
import { Backoff } from "../../../client/comet/delays.ts";
import { PollLoop } from "../../../client/comet/poll_loop.ts";
import { Seat } from "../../../server/core/waiting/seat.ts";
import { patch, type PlantedBug } from "./planted_bug.ts";

/** The bugs of clients, and of how servers treat them. */
export const CLIENT_BUGS: readonly PlantedBug[] = [
  {
    name: "a tab is superseded by its own retry",
    rules: ["K14"],
    plant: () =>
      patch(Seat.prototype, {
        yieldTo() {
          this.release("superseded");
        },
      }),
  },
  {
    name: "a client gives up after five failures",
    rules: ["K14", "K2", "U12"],
    plant: () => {
      const failures = new WeakMap<Backoff, number>();
      const { delayAfter, reset } = Backoff.prototype;
      return patch(Backoff.prototype, {
        delayAfter(error) {
          const count = (failures.get(this) ?? 0) + 1;
          failures.set(this, count);
          return count > 5 ? { ms: 1e9, isMandatory: true } : delayAfter.call(this, error);
        },
        reset() {
          failures.delete(this);
          reset.call(this);
        },
      });
    },
  },
  {
    name: "a page that becomes the leader counts its turns from 0",
    rules: ["K14", "K2"],
    plant: () => patch(BrowserTurns.prototype, nextFromZero()),
  },
  {
    name: "a follower accepts every update of its leader",
    rules: ["P8", "K2", "K4"],
    plant: () => {
      const { follow } = Follower.prototype;
      return patch(Follower.prototype, {
        follow(update) {
          const { poll } = update;
          if (this.cursor === undefined || !poll) return follow.call(this, update);
          follow.call(this, {
            ...update,
            poll: { ...poll, sent: { ...poll.sent, cursor: this.cursor } },
          });
        },
      });
    },
  },
  {
    name: "a poll loop that joins a room names it only in its next poll",
    // What it has left also comes until then.
    rules: ["P8", "K2", "R1"],
    plant: () => patch(PollLoop.prototype, { changeChannels() {} }),
  },
];

function nextFromZero(): Partial<BrowserTurns> & ThisType<BrowserTurns> {
  const turns = new WeakMap<BrowserTurns, number>();
  return {
    next() {
      const turn = (turns.get(this) ?? 0) + 1;
      turns.set(this, turn);
      return turn;
    },
  };
}
