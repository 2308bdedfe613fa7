import { ChannelPatterns } from "../../../server/core/model/rights.ts";
import type { TaskQueue } from "../../../server/core/model/store.ts";
import { VISITOR_ROOMS } from "../rooms.ts";
import { changed } from "../server/simulated_worker.ts";
import { patch, type PlantedBug } from "./planted_bug.ts";

/** The bugs of visitors' rooms. */
export const VISITOR_BUGS: readonly PlantedBug[] = [
  {
    name: "the rooms of some visitors are open to others",
    rules: ["R10"],
    options: { visitors: true },
    plant: () => {
      const { covers } = ChannelPatterns.prototype;
      return patch(ChannelPatterns.prototype, {
        covers(address) {
          const isOpen = this.patterns.includes(VISITOR_ROOMS) && /[0-4]$/.test(address);
          return !isOpen && covers.call(this, address);
        },
      });
    },
  },
  {
    name: "nobody is told what a visitor waits for an answer to",
    rules: ["I34"],
    options: {
      ...{ visitors: true, webhooks: true },
      wrap: (store) => {
        const add: TaskQueue["add"] = (tasks, limit) =>
          store.queue.add(tasks.filter(({ body }) => !body.includes('"unanswered"')), limit);
        return changed(store, { queue: changed(store.queue, { add }) });
      },
    },
  },
];
