import { Claims } from "../../../server/core/conversations/claims.ts";
import { LogReader } from "../../../server/core/log/log_reader.ts";
import { RecentWindow } from "../../../server/core/log/recent_window.ts";
import { Refused } from "../../../server/core/model/refused.ts";
import type { KeyValue, SessionStore, Store } from "../../../server/core/model/store.ts";
import { WaitingRoom } from "../../../server/core/waiting/waiting_room.ts";
import { SqliteTrimmer } from "../../../server/stores/sqlite/sqlite_trimmer.ts";
import { TEAM_ROOMS } from "../rooms.ts";
import { changed } from "../server/simulated_worker.ts";
import { patch, type PlantedBug } from "./planted_bug.ts";

/** The bugs of servers. */
export const SERVER_BUGS: readonly PlantedBug[] = [
  {
    name: "acknowledges before the disk has it",
    rules: ["K2", "P8", "L1", "P4", "L6", "K14"],
    options: { onDisk: (disk) => disk.waits = false },
  },
  {
    name: "parks a poll after it has read, not before",
    rules: ["P2"],
    plant: () => {
      const { park } = WaitingRoom.prototype;
      return patch(WaitingRoom.prototype, {
        // The seat is found by no message that comes now.
        park(request) {
          return park.call(this, request.hold > 1_000 ? { ...request, topics: [] } : request);
        },
      });
    },
  },
  {
    name: "a cursor passes a message that was not read",
    rules: ["P8"],
    plant: () => {
      const { recent } = LogReader.prototype;
      return patch(LogReader.prototype, {
        recent(topics, after) {
          const page = recent.call(this, topics, after);
          if (page === undefined || page.messages.length < 2) return page;
          return { ...page, messages: page.messages.slice(0, -1) };
        },
      });
    },
  },
  {
    name: "a change that comes with messages is left out",
    rules: ["P26", "L37"],
    plant: () => {
      const { recent } = LogReader.prototype;
      return patch(LogReader.prototype, {
        recent(topics, after) {
          const page = recent.call(this, topics, after);
          return page && page.messages.length > 0 ? { ...page, changes: [] } : page;
        },
      });
    },
  },
  {
    name: "a key is forgotten",
    rules: ["L6"],
    options: {
      wrap: (store) => {
        const append = (drafts: Parameters<Store["log"]["append"]>[0]) =>
          store.log.append(drafts.map(({ key: _, ...draft }) => draft));
        return changed(store, { log: changed(store.log, { append }) });
      },
    },
  },
  {
    name: "retention removes an unread notice and tells nobody",
    rules: ["K2", "P8"],
    options: { wrap: (store) => changed(store, { log: withoutNotices(store.log) }) },
  },
  {
    name: "a leader stays when its lease is over",
    rules: ["F7"],
    options: {
      ...{ store: "kv", nodes: 2 },
      wrap: (store) => {
        const acquireLease: KeyValue["acquireLease"] = (name, holder, lengthMs) =>
          store.keyValue.acquireLease(name, holder, lengthMs / 10);
        return changed(store, { keyValue: changed(store.keyValue, { acquireLease }) });
      },
    },
  },
  {
    name: "a sign-out is lost",
    rules: ["S2", "C40"],
    options: {
      wrap: (store) => {
        const remove: SessionStore["remove"] = () => Promise.resolve();
        return changed(store, { sessions: changed(store.sessions, { remove }) });
      },
    },
  },
  {
    name: "a filter lets one message through",
    rules: ["R1"],
    plant: () => {
      const { read } = RecentWindow.prototype;
      return patch(RecentWindow.prototype, {
        read(topics, after, limit) {
          const isLeak = after % 5 === 0 && !topics.includes("room:milk");
          return read.call(this, isLeak ? [...topics, "room:milk"] : topics, after, limit);
        },
      });
    },
  },
  {
    name: "an erasure leaves out a message",
    rules: ["M50", "P26", "L23"],
    options: {
      wrap: (store) => {
        const scan: Store["log"]["scan"] = async (...args) =>
          (await store.log.scan(...args)).filter(({ id }) => id % 3 > 0);
        return changed(store, { log: changed(store.log, { scan }) });
      },
    },
  },
  {
    name: "a reply that is sent again is refused if what it answers is gone",
    rules: ["A12"],
    options: {
      wrap: (store) => {
        const append: Store["log"]["append"] = (drafts) =>
          drafts.some(({ repeats }) => repeats)
            ? Promise.reject(new Refused("not_found", "It is gone"))
            : store.log.append(drafts);
        return changed(store, { log: changed(store.log, { append }) });
      },
    },
  },
  {
    name: "an edit is not a reply any more",
    rules: ["A11"],
    plant: () => {
      const { recent } = LogReader.prototype;
      return patch(LogReader.prototype, {
        recent(topics, after) {
          const page = recent.call(this, topics, after);
          const changes = page?.changes.map((
            { message: { replyTo: _, ...message }, ...change },
          ) => ({
            ...change,
            message,
          }));
          return page && changes && { ...page, changes };
        },
      });
    },
  },
  {
    name: "a reaction that was taken back stays",
    rules: ["L37"],
    options: {
      wrap: (store) => {
        const append: Store["log"]["append"] = (drafts) =>
          store.log.append(
            drafts.map((draft) =>
              draft.reacts?.on === false
                ? { ...draft, reacts: { ...draft.reacts, emoji: "🍵" } }
                : draft
            ),
          );
        return changed(store, { log: changed(store.log, { append }) });
      },
    },
  },
  {
    name: "a room is not found by its pattern",
    rules: ["P8", "K2"],
    plant: () => {
      const { recent } = LogReader.prototype;
      return patch(LogReader.prototype, {
        recent(topics, after) {
          const page = recent.call(this, topics, after);
          if (page === undefined || !topics.includes(TEAM_ROOMS)) return page;
          const messages = page.messages.filter(({ channel }) => channel !== "room:team-3");
          return { ...page, messages };
        },
      });
    },
  },
  {
    name: "whoever claims a conversation has it, whatever the log says",
    rules: ["D34"],
    plant: () => patch(Claims.prototype, { stateOf: () => Promise.resolve({}) }),
  },
  {
    name: "a trimmed mark is not remembered",
    rules: ["P8"],
    plant: () => patch(SqliteTrimmer.prototype, { trimmedUpTo: () => 0 }),
  },
];

/** A log in which some notices are not found. */
function withoutNotices(log: Store["log"]): Store["log"] {
  const read: Store["log"]["read"] = async (...args) => {
    const page = await log.read(...args);
    const messages = page.messages.filter(({ id, channel }) =>
      !channel.startsWith("notice:") || id % 3 > 0
    );
    return { ...page, messages };
  };
  return changed(log, { read });
}
