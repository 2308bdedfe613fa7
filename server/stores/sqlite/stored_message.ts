import { decode, type Encoded, encodedAs, messageOf, remember } from "../../core/model/message.ts";
import type { Appended } from "../../core/model/store.ts";
import type { Message } from "../../protocol/message.ts";
import { type EncodedDraft, jsonOf } from "./encoded_draft.ts";

interface StoredFields {
  readonly id: number;
  readonly at: number;
  readonly json?: string | undefined;
}

/** The message in the log that a draft has become. */
export class StoredMessage {
  readonly draft: EncodedDraft;
  readonly id: number;
  readonly at: number;
  readonly encoded: Encoded;
  #message: Message | undefined;

  constructor(draft: EncodedDraft, { id, at, json = jsonOf(draft, id, at) }: StoredFields) {
    this.draft = draft;
    this.id = id;
    this.at = at;
    this.encoded = encodedAs(json);
  }

  get json(): string {
    return this.encoded.json;
  }

  /** Made when it is first needed: a thread only passes the JSON on. */
  get message(): Message {
    return this.#message ??= this.#make();
  }

  #make(): Message {
    const { source } = this.draft;
    if (source === undefined) return decode(this.json);
    return remember(messageOf(source, this.id, this.at), this.encoded);
  }
}

/** The result of appending a draft: see `Appended`. */
export class StoredAppend implements Appended {
  readonly stored: StoredMessage;
  readonly repeated: boolean;

  constructor(stored: StoredMessage, repeated: boolean) {
    this.stored = stored;
    this.repeated = repeated;
  }

  get message(): Message {
    return this.stored.message;
  }
}
