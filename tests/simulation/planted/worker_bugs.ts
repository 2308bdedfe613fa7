import { Receipts } from "../../../server/core/conversations/receipts.ts";
import { PortConnection } from "../../../server/stores/thread/port_connection.ts";
import { PortLog } from "../../../server/stores/thread/port_log.ts";
import { DeliveryQueue } from "../../../server/webhooks/delivery_queue.ts";
import { patch, type PlantedBug } from "./planted_bug.ts";

/** The bugs of workers, and of webhooks. */
export const WORKER_BUGS: readonly PlantedBug[] = [
  {
    name: "a worker hears nothing from the others",
    rules: ["S2", "C40", "K14"],
    options: { workers: 2 },
    plant: () => patch(PortConnection.prototype, { broadcast() {} }),
  },
  {
    name: "a worker stops following the log after some messages",
    rules: ["P2", "P8", "K2", "K4", "P4"],
    options: { workers: 2 },
    plant: () => {
      const { follow } = PortLog.prototype;
      return patch(PortLog.prototype, {
        follow(after, onAppended) {
          return follow.call(this, after, (messages) => {
            if (messages.every(({ id }) => id < 20)) onAppended(messages);
          });
        },
      });
    },
  },
  {
    name: "an event of a webhook is given up at the first failure",
    rules: ["I12", "I31"],
    options: { webhooks: true },
    plant: () =>
      patch(DeliveryQueue.prototype, {
        async postpone(task) {
          await this.remove(task);
        },
      }),
  },
  {
    name: "receipts are stored, but some of them are not queued",
    rules: ["I35"],
    options: { webhooks: true },
    plant: () => {
      const { useJournal } = Receipts.prototype;
      return patch(Receipts.prototype, {
        useJournal({ record, onLost }) {
          useJournal.call(this, {
            async record(receipts, add) {
              await add();
              const queued = receipts.filter(({ upTo }) => upTo % 3 > 0);
              await record(queued, () => Promise.resolve());
            },
            onLost,
          });
        },
      });
    },
  },
];
