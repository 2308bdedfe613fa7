import { decode } from "../../core/model/message.ts";
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
  readonly json: string;
  #message: Message | undefined;

  constructor(draft: EncodedDraft, { id, at, json = jsonOf(draft, id, at) }: StoredFields) {
    this.draft = draft;
    this.id = id;
    this.at = at;
    this.json = json;
  }

  /** Decoded when it is first needed: a thread only passes the JSON on. */
  get message(): Message {
    return this.#message ??= decode(this.json);
  }
}

/** The result of appending a draft: see `Appended`. */
export interface StoredAppend {
  readonly stored: StoredMessage;
  readonly repeated: boolean;
}
