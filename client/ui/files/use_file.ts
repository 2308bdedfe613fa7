import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Chat } from "../state/chat.ts";
import { type MessageFile, transfer } from "./transfers.ts";

/**
 * A URL of what is at a path, which is only valid while the component is shown; `undefined` while it is loaded or not wanted,
 * `null` if it cannot be loaded.
 */
export function useFile(chat: Chat, path: string | undefined): string | null | undefined {
  const url = useSignal<string | null | undefined>(undefined);
  useEffect(() => {
    if (path === undefined) return;
    const ended = new AbortController();
    const { signal } = ended;
    transfer(chat.client, { method: "GET", path, signal }).then(
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
  }, [path]);
  return url.value;
}

/** Saves a file as a download, whatever it is: the page never opens it. Returns whether it could be loaded. */
export async function download({ client }: Chat, { id, name }: MessageFile): Promise<boolean> {
  try {
    const { signal } = new AbortController();
    const content = await transfer(client, { method: "GET", path: `api/files/${id}`, signal });
    const url = URL.createObjectURL(new Blob([content], { type: "application/octet-stream" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    return true;
  } catch {
    return false;
  }
}
