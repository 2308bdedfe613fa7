import { TestFolder } from "../support/test_folder.ts";
import { compileRecorder } from "./machine.ts";

const reason = whyNot();

function whyNot(): string | undefined {
  using folder = TestFolder.make();
  const reason = compileRecorder(folder.path);
  if (reason !== undefined) console.error(`\n!!! Power cuts were NOT tested: ${reason}.\n`);
  return reason;
}

/** Needs Linux and gcc. Otherwise the test is ignored. */
export function powerTest(name: string, run: () => Promise<void>): void {
  Deno.test({ name, ignore: reason !== undefined, fn: run });
}
