import { CommandError } from "../command_error.ts";

/** Characters that move the cursor, change colours, or hide or reorder what a terminal shows. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** More than a message can contain, in bytes. */
const MAX_INPUT = 1024 * 1024;

/** How long (ms) to wait before writing again to a full pipe that does not block. */
const WRITE_DELAY = 10;

const utf8 = new TextEncoder();

/**
 * Makes a text from another user safe to print on one line: line breaks become ↵, and other control characters become
 * visible symbols.
 */
export function escapeText(text: string): string {
  return text.toWellFormed().replace(/\r\n?|[\n\u0085\u2028\u2029]/g, "↵ ").replaceAll("\t", " ")
    .replace(CONTROLS, symbolOf).trimEnd();
}

/** Makes JSON safe to print: control characters become escape sequences, so the value stays the same. */
export function escapeJson(json: string): string {
  return json.replace(CONTROLS, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/**
 * Writes a line to the standard output, and returns when it is written, even if the reader is slow. Throws
 * `Deno.errors.BrokenPipe` if the reader has closed the pipe.
 */
export function writeLine(line: string): void {
  let rest = utf8.encode(line + "\n");
  while (rest.length > 0) rest = rest.subarray(writeSome(rest));
}

/** Reads the whole standard input, without the line break at its end. Throws a `CommandError` if it cannot be a message. */
export async function readStandardInput(): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of Deno.stdin.readable) {
      bytes += chunk.length;
      if (bytes > MAX_INPUT) throw new CommandError("The standard input is too long for a message");
      text += decoder.decode(chunk, { stream: true });
    }
    text += decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw new CommandError("The standard input is not valid UTF-8");
    throw error;
  }
  return text.replace(/\r?\n$/, "");
}

function writeSome(bytes: Uint8Array): number {
  try {
    return Deno.stdout.writeSync(bytes);
  } catch (error) {
    if (!(error instanceof Deno.errors.WouldBlock)) throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WRITE_DELAY);
    return 0;
  }
}

function symbolOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\ufffd";
}
