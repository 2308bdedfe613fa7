import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Chat } from "../state/chat.ts";
import type { MessageFile } from "../../comet/halley.ts";
import { readFile } from "../../comet/read_file.ts";

/**
 * A URL of a file, which is only valid while the component is shown; `undefined` while it is loaded or not wanted, `null` if it
 * cannot be loaded.
 */
export function useFile(
  { client }: Chat,
  file: MessageFile,
  { isWanted = true, thumbnail }: { readonly isWanted?: boolean; readonly thumbnail?: boolean } =
    {},
): string | null | undefined {
  const url = useSignal<string | null>();
  useEffect(() => {
    if (!isWanted) return;
    const ended = new AbortController();
    const { signal } = ended;
    readFile(client, file, { thumbnail, signal }).then(
      (content) => {
        if (!signal.aborted) url.value = URL.createObjectURL(content);
      },
      () => {
        if (!signal.aborted) url.value = null;
      },
    );
    return () => {
      ended.abort();
      if (url.value) URL.revokeObjectURL(url.value);
      url.value = undefined;
    };
  }, [isWanted, file.id]);
  return url.value;
}

/** Saves a file as a download, whatever it is: the page never opens it. Returns whether it could be loaded. */
export async function download({ client }: Chat, file: MessageFile): Promise<boolean> {
  try {
    const content = await readFile(client, file);
    const url = URL.createObjectURL(new Blob([content], { type: "application/octet-stream" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    return true;
  } catch {
    return false;
  }
}
