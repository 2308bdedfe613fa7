import {
  bytesOf,
  decode,
  type Encoded,
  encodedAs,
  type Entry,
  messageOf,
  remember,
} from "../../core/model/message.ts";
import type { Appended } from "../../core/model/store.ts";
import { type EncodedDraft, jsonOf } from "./encoded_draft.ts";

/** Messages of a query as JSON: see `Page`. */
export interface StoredPage {
  readonly messages: readonly string[];
  readonly hasMore: boolean;
  readonly trimmedUpTo: number;
}

interface StoredFields {
  readonly id: number;
  readonly at: number;
  readonly json?: string | undefined;
  /** What is stored, if that is not the JSON. */
  readonly row?: string;
}

/** The entry of the log that a draft has become. */
export class StoredMessage {
  readonly draft: EncodedDraft;
  readonly id: number;
  readonly at: number;
  /** As readers get it. */
  readonly encoded: Encoded;
  /** As it is stored. */
  readonly row: string;
  #message: Entry | undefined;

  constructor(
    draft: EncodedDraft,
    { id, at, json = jsonOf(draft, id, at), row = json }: StoredFields,
  ) {
    this.draft = draft;
    this.id = id;
    this.at = at;
    this.encoded = encodedAs(json);
    this.row = row;
  }

  get json(): string {
    return this.encoded.json;
  }

  /** The size of what is stored, in bytes. */
  get rowBytes(): number {
    return this.row === this.json ? this.encoded.bytes : bytesOf(this.row);
  }

  /** Made when it is first needed: a thread only passes the JSON on. */
  get message(): Entry {
    return this.#message ??= this.#make();
  }

  #make(): Entry {
    const { source } = this.draft;
    if (source === undefined || source.changes !== undefined) return decode(this.json);
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

  get message(): Entry {
    return this.stored.message;
  }
}
