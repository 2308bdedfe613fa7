import { FINAL_REFUSALS } from "../../protocol/refusal.ts";
import type { FileService } from "../model/files.ts";
import type { Draft } from "../model/message.ts";
import { ignoreUnavailable, Refused } from "../model/refused.ts";
import type { Appended, MessageLog } from "../model/store.ts";
import { repetitionOf } from "./references.ts";

/** A draft, and the ids of the files that it has, if it has any. */
export interface DraftWithFiles {
  readonly draft: Draft;
  readonly ids: readonly string[] | undefined;
}

/** What {@linkcode appendWithFiles} needs. */
export interface AttachingDeps {
  readonly log: MessageLog;
  readonly files: FileService;
  /** Who has uploaded the files. */
  readonly owner: string;
}

/**
 * Appends drafts, of which some have files: all of them or none. Files are reserved before their messages are in the log, so
 * that no other message gets them.
 */
export async function appendWithFiles(
  wanted: readonly DraftWithFiles[],
  { log, files, owner }: AttachingDeps,
): Promise<readonly Appended[]> {
  const drafts: Draft[] = [];
  const reserved: string[] = [];
  try {
    for (const { draft, ids } of wanted) {
      if (ids === undefined) drafts.push(draft);
      else {
        const { channel, key } = draft;
        drafts.push({ ...draft, files: await files.reserve({ owner, ids, channel, key }) });
        reserved.push(...ids);
      }
    }
  } catch (refused) {
    await files.release(reserved);
    return await repetitionOf(wanted.map(withIds), { log, refused });
  }
  try {
    const appended = await log.append(drafts);
    for (const [n, { message }] of appended.entries()) {
      const ids = wanted[n]?.ids;
      // If it cannot be recorded now, it is when somebody asks for the files.
      if (ids !== undefined) await files.attach(ids, message).catch(ignoreUnavailable);
    }
    return appended;
  } catch (error) {
    // After any other error the messages may be in the log.
    if (isFinal(error)) await files.release(reserved);
    throw error;
  }
}

/** The draft with what its key belongs to of its files. */
export function withIds({ draft, ids }: DraftWithFiles): Draft {
  if (ids === undefined) return draft;
  return { ...draft, files: ids.map((id) => ({ id, name: "", type: "", size: 0 })) };
}

function isFinal(error: unknown): boolean {
  return error instanceof Refused && FINAL_REFUSALS.some((code) => code === error.refusal);
}
