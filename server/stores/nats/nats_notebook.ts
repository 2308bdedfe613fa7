import { Buffer } from "node:buffer";
import type { Notebook } from "../../core/store.ts";
import type { Bucket } from "./bucket.ts";

/** The notebook in a key-value bucket. */
export class NatsNotebook implements Notebook {
  readonly #bucket: Bucket;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  async read(name: string): Promise<string | undefined> {
    return (await this.#bucket.get(keyOf(name)))?.value;
  }

  write(name: string, value: string): Promise<void> {
    return this.#bucket.put(keyOf(name), value);
  }
}

/** A key may hold fewer signs than a name. */
function keyOf(name: string): string {
  return `note.${Buffer.from(name).toString("base64url")}`;
}
