import { NatsBucket } from "./nats_bucket.ts";
import type { JetStream } from "./nats_jetstream.ts";
import type { RemovedRange } from "./nats_index_entries.ts";
import type { LogIndex } from "./nats_log_index.ts";
import type { Topic } from "../../core/model/message.ts";
import { parseJson } from "./nats_jetstream.ts";
import { readAll } from "./nats_read_all.ts";
import { formatSubject } from "./nats_subjects.ts";

/** The field names are part of the stored format. */
interface Mark {
  readonly channel: string;
  /** Absent in marks of all messages of the channel. */
  readonly owner?: Topic;
  readonly upTo: number;
}

/** The first part of the keys. */
const PREFIX = "trimmed";

/** Maximum number of outdated marks that a start removes. */
const CLEAN_BATCH = 1_000;

/**
 * Stores up to where the messages of a channel, or those of one owner in it, were removed from the stream, before they are: a node that starts later
 * cannot see it in the stream.
 */
export class NatsMarks {
  readonly #jetstream: JetStream;
  readonly #records: string;
  readonly #bucket: NatsBucket<Mark>;

  constructor(jetstream: JetStream, records: string) {
    this.#jetstream = jetstream;
    this.#records = records;
    this.#bucket = new NatsBucket(jetstream, records, PREFIX);
  }

  /** Returns whether the range ends with the mark: if it is beyond, another node removes these messages. */
  async store({ channel, owner, upTo }: RemovedRange): Promise<boolean> {
    let highest = upTo;
    await this.#bucket.modify(keyOf({ channel, owner }), (mark) => {
      highest = Math.max(upTo, mark?.upTo ?? 0);
      return highest > (mark?.upTo ?? 0) ? { channel, owner, upTo } : undefined;
    });
    return highest === upTo;
  }

  /** Applies the marks to an index that was read before. Removes those up to `floor`, which holds for all channels. */
  async load(index: LogIndex, floor: number): Promise<void> {
    const marks: Mark[] = [];
    const subject = `${formatSubject(this.#records, PREFIX)}.>`;
    await readAll(this.#jetstream, { stream: this.#records, subject }, ({ text }) => {
      const mark = parseJson<Mark>(text());
      if (mark !== undefined) marks.push(mark);
    });
    marks.sort((one, other) => one.upTo - other.upTo);
    for (const { channel, owner, upTo } of marks) {
      if (upTo > floor) index.trimChannel(channel, upTo, owner);
    }
    const outdated = marks.filter(({ upTo }) => upTo <= floor).slice(0, CLEAN_BATCH);
    await Promise.all(outdated.map((mark) => this.#bucket.remove(keyOf(mark))));
  }
}

function keyOf({ channel, owner = channel }: Pick<Mark, "channel" | "owner">): string {
  return owner === channel ? channel : `${channel} ${owner}`;
}
