import { assert, assertEquals, assertRejects } from "@std/assert";
import { SYSTEM_RUNTIME } from "../../server/base/runtime.ts";
import { ByteReader } from "../../server/files/byte_reader.ts";
import { inspect } from "../../server/files/inspection.ts";
import { bytes, exif, gif, jpeg, latin1, png, webp } from "../support/picture_bytes.ts";

/** What is found in a file that arrives in chunks of this size, and what is stored of it. */
async function inspected(content: Uint8Array, chunkSize = 7) {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let n = 0; n < content.length; n += chunkSize) {
    chunks.push(new Uint8Array(content.slice(n, n + chunkSize)));
  }
  const options = {
    maxBytes: 1e6,
    idleMs: 1_000,
    bytesPerSecond: 1,
    runtime: SYSTEM_RUNTIME,
  };
  await using reader = new ByteReader(ReadableStream.from(chunks), options);
  let stored = "";
  const pieces = inspect(reader);
  for (;;) {
    const { done, value } = await pieces.next();
    if (done) return { ...value, stored };
    stored += latin1(value);
  }
}

const PDF = "%PDF-1.7\n<</JS (alert(1))>>";
const HTML = "<!doctype html><script>alert(1)</script>";
const SVG = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`;
const ZIP = "PK\x03\x04";

for (
  const [name, content, type, width, height] of [
    ["a JPEG", jpeg(), "image/jpeg", 40, 30],
    ["a PNG", png(), "image/png", 40, 30],
    ["a GIF", gif(), "image/gif", 40, 30],
    ["a WebP", webp(), "image/webp", 40, 30],
    ["a PDF", bytes(PDF), "application/pdf"],
    ["HTML", bytes(HTML), "application/octet-stream"],
    ["SVG", bytes(SVG), "application/octet-stream"],
    ["a ZIP", bytes(ZIP), "application/octet-stream"],
    ["an MP4", bytes("\0\0\0\x20ftypisom\0\0\x02\0isomiso2"), "application/octet-stream"],
    ["a HEIC", bytes("\0\0\0\x18ftypheic\0\0\0\0mif1heic"), "application/octet-stream"],
    ["HTML before a PNG", bytes(HTML + latin1(png())), "application/octet-stream"],
    ["the beginning of a GIF in a script", bytes("GIF8=1;alert(1)"), "application/octet-stream"],
    ["a single byte", bytes("a"), "application/octet-stream"],
  ] as const
) {
  Deno.test(`[A46] ${name} is ${type}, whatever it is called`, async () => {
    const { stored: _stored, size: _size, ...found } = await inspected(content);

    const dimensions = width === undefined || height === undefined ? {} : { width, height };
    assertEquals(found, { type, ...dimensions });
  });
}

for (const [name, content] of [["JPEG", jpeg()], ["PNG", png()], ["GIF", gif()]] as const) {
  Deno.test(`[A47] of a ${name}, what does not belong to the picture is not stored`, async () => {
    for (const chunkSize of [1, 7, 1_000_000]) {
      const { stored, size } = await inspected(content, chunkSize);

      assert(!stored.includes("SECRET"), stored);
      assertEquals([stored.length, stored.length < content.length], [size, true]);
    }
  });
}

Deno.test("[A47] what decodes a JPEG is stored, up to its end", async () => {
  const { stored } = await inspected(jpeg({ tail: "PK\x03\x04<script>" }));

  for (const part of ["JFIF", "ICC_PROFILE", "qqqq", "scan\xff\0one\xff\xd0more", "scan two"]) {
    assert(stored.includes(part), part);
  }
  assert(stored.startsWith("\xff\xd8\xff\xe0") && stored.endsWith("scan two\xff\xd9"), stored);
});

Deno.test("[A47] what decodes a PNG is stored, byte by byte as it was", async () => {
  const content = png({ tail: HTML });

  const { stored } = await inspected(content);

  const source = latin1(content);
  for (const type of ["IHDR", "gAMA", "IDAT", "IEND"]) {
    const start = source.indexOf(type) - 4;
    const length = new DataView(content.buffer).getUint32(start) + 12;
    assert(stored.includes(source.slice(start, start + length)), type);
  }
  assert(stored.endsWith("IEND\xae\x42\x60\x82"));
});

Deno.test("[A47] the loop of a GIF is stored, its comments are not", async () => {
  const { stored } = await inspected(gif());

  assert(stored.includes("NETSCAPE2.0") && stored.includes("LZW") && stored.endsWith(";"));
});

Deno.test("[A47] what does not belong to a WebP is overwritten, so that its sizes stay right", async () => {
  const content = webp();

  const { stored, size } = await inspected(content);

  assert(!stored.includes("SECRET"), stored);
  assertEquals(size, content.length - "tail SECRET".length);
  assertEquals(stored.slice(0, 8), latin1(content.slice(0, 8)));
  // The flag that there is XMP is gone, the one for Exif stays.
  assertEquals(stored.charCodeAt(stored.indexOf("VP8X") + 8), 0x08);
});

for (const [name, make] of [["JPEG", jpeg], ["PNG", png], ["WebP", webp]] as const) {
  Deno.test(`[A47] a ${name} keeps its orientation`, async () => {
    const { stored, width, height } = await inspected(make({ orientation: 6 }));

    const entry = stored.indexOf("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06");
    assert(entry > 0, stored);
    assert(!stored.includes(exif(6)));
    assertEquals([width, height], name === "WebP" ? [40, 30] : [30, 40]);
  });
}

for (
  const [name, content] of [
    ["a PNG of 100,000 × 1 pixels", png({ width: 100_000, height: 1 })],
    ["a PNG of 8,000 × 8,000 pixels", png({ width: 8_000, height: 8_000 })],
    ["a JPEG of 1 × 65,535 pixels", jpeg({ width: 1, height: 65_535 })],
    ["a GIF of 65,535 × 1 pixels", gif({ width: 65_535, height: 1 })],
    ["a WebP of 16,385 × 1 pixels", webp({ width: 16_385, height: 1 })],
    ["a PNG without pixels", png({ width: 0, height: 30 })],
  ] as const
) {
  Deno.test(`[A48] ${name} is a download`, async () => {
    const { type, width } = await inspected(content, 65_536);

    assertEquals([type, width], ["application/octet-stream", undefined]);
  });
}

for (
  const [name, content] of [
    ["a JPEG with text in place of a marker", `${latin1(jpeg()).slice(0, 20)}${HTML}`],
    ["a JPEG with a segment of length 0", "\xff\xd8\xff\xe0\0\0more"],
    ["a PNG without a header", `\x89PNG\r\n\x1a\n${HTML}`],
    ["a PNG with two headers", latin1(png()).replace("tEXt", "IHDR")],
    ["a PNG with a chunk of another name", latin1(png()).replace("tEXt", "<h1>")],
    ["a GIF with text in place of a block", `${latin1(gif()).slice(0, 19)}/*${HTML}`],
    ["a WebP with a chunk beyond its end", latin1(webp()).replace("VP8 \x10", "VP8 \xff\xff")],
  ] as const
) {
  Deno.test(`[A48] ${name} is refused as invalid_file`, async () => {
    const error = await assertRejects(() => inspected(bytes(content)));

    assertEquals(String(error).includes("is damaged"), true, String(error));
  });
}

for (
  const [name, content] of [
    ["a JPEG that is cut off before its dimensions", "\xff\xd8\xff\xe0\0\x10JFIF\0"],
    ["a JPEG without a frame", "\xff\xd8\xff\xd9"],
    ["a WebP without a chunk", "RIFF\x04\0\0\0WEBP more"],
    ["a PNG of 0 × 0 pixels", latin1(png({ width: 0, height: 0 }))],
  ] as const
) {
  Deno.test(`[A80] ${name} is refused as invalid_file`, async () => {
    const error = await assertRejects(() => inspected(bytes(content)));

    assertEquals(String(error).includes("is damaged"), true, String(error));
  });
}

Deno.test("[A48] a picture that is cut off at any byte behind its dimensions is stored as far as it goes", async () => {
  // Behind the segment of the frame, whose length is in it.
  const frame = latin1(jpeg()).indexOf("\xff\xc2") + 2 + 11;
  for (
    const [content, first] of [[jpeg(), frame], [png(), 40], [gif(), 40], [webp(), 40]] as const
  ) {
    for (let length = first; length < content.length; length++) {
      const { stored } = await inspected(content.slice(0, length), 50);
      assertEquals([stored.length > 0, stored.includes("SECRET")], [true, false]);
    }
  }
});
