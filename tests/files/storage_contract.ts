import { assertEquals, assertRejects } from "@std/assert";
import type { FileStorage } from "../../server/core/model/file_storage.ts";

const KEY = "AAAAAAAAAAAAAAAAAAAAAA-1f0e6a3c-0d5e-4c58-a5d4-5a3c9f2b7e10";
const OTHER = KEY.replaceAll("A", "B");

/** More than two pieces of a stream of NATS, in chunks that do not fit into them. */
const CONTENT = Uint8Array.from({ length: 300_000 }, (_, n) => n % 251);

async function* chunksOf(bytes: Uint8Array, size = 70_000): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < bytes.length; n += size) {
    yield await Promise.resolve(bytes.subarray(n, n + size));
  }
}

async function* cutOff(): AsyncGenerator<Uint8Array> {
  yield* chunksOf(CONTENT);
  throw new Error("cut off");
}

function bytesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Uint8Array> {
  return new Response(stream).bytes();
}

/** Defines the tests that each storage of the contents of files must pass. */
export function storageContract(
  name: string,
  open: () => Promise<AsyncDisposable & { readonly storage: FileStorage }>,
  { ignore = false }: { readonly ignore?: boolean } = {},
): void {
  const test = (title: string, run: (storage: FileStorage) => Promise<void>) =>
    Deno.test(`${title} (${name})`, { ignore }, async () => {
      await using opened = await open();
      await run(opened.storage);
    });

  test("[O133] a content is read as it was stored", async (storage) => {
    await storage.put(KEY, chunksOf(CONTENT));
    await storage.put(OTHER, chunksOf(new Uint8Array([1]), 1));

    assertEquals(await storage.has(KEY), true);
    assertEquals(await bytesOf(storage.read(KEY)), CONTENT);
    assertEquals(await bytesOf(storage.read(OTHER)), new Uint8Array([1]));
  });

  test("[O133] any range of it can be read", async (storage) => {
    await storage.put(KEY, chunksOf(CONTENT));

    for (
      const [start, end] of [[0, 1], [131_071, 131_073], [131_072, 262_144], [299_999, 300_000]]
    ) {
      const read = await bytesOf(storage.read(KEY, { start: start!, end: end! }));
      assertEquals(read, CONTENT.slice(start, end), `${start}-${end}`);
    }
  });

  test("[O133] a content that was not stored as a whole is not there", async (storage) => {
    await assertRejects(() => storage.put(KEY, cutOff()), Error, "cut off");

    assertEquals(await storage.has(KEY), false);
    assertEquals(await Array.fromAsync(storage.list()), []);
    await assertRejects(() => bytesOf(storage.read(KEY)));
  });

  test("[O133] what was removed is gone, and all others stay", async (storage) => {
    await storage.put(KEY, chunksOf(CONTENT));
    await storage.put(OTHER, chunksOf(CONTENT));

    await storage.remove(KEY);
    await storage.remove(KEY);

    assertEquals([await storage.has(KEY), await storage.has(OTHER)], [false, true]);
    assertEquals(await bytesOf(storage.read(OTHER)), CONTENT);
  });

  test("[O133] the list has all contents with their sizes and times", async (storage) => {
    const before = Date.now();
    await storage.put(KEY, chunksOf(CONTENT));
    await storage.put(OTHER, chunksOf(new Uint8Array([1]), 1));

    const list = await Array.fromAsync(storage.list());

    const sizes = list.map(({ key, size }) => [key, size]);
    assertEquals(new Map(sizes as [string, number][]), new Map([[KEY, 300_000], [OTHER, 1]]));
    // File systems round times.
    for (const { at } of list) assertEquals(Math.abs(at - before) < 10_000, true);
  });
}
