import { CommandError } from "./command_error.ts";

/** More than any message may hold (bytes). */
const MOST = 1024 * 1024;

/** All of the standard input, without the line break at its end. Throws a `CommandError` for what can be no message. */
export async function readStandardInput(): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of Deno.stdin.readable) {
      bytes += chunk.length;
      if (bytes > MOST) throw new CommandError("The standard input is too long for a message");
      text += decoder.decode(chunk, { stream: true });
    }
    text += decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw new CommandError("The standard input is no UTF-8");
    throw error;
  }
  return text.replace(/\r?\n$/, "");
}
