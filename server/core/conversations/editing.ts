import type { Runtime } from "../../base/runtime.ts";
import { type Channel, formatChannel, parseChannel } from "../../protocol/channel.ts";
import type { Body, Message } from "../../protocol/message.ts";
import { isChange, isMessage } from "../model/change.ts";
import { checkBody, storedBody } from "../model/content.ts";
import type { Draft } from "../model/message.ts";
import type { FileService } from "../model/files.ts";
import { hasReacted } from "../../protocol/reactions.ts";
import { emojiOf } from "../model/reaction.ts";
import { Refused } from "../model/refused.ts";
import { checkMayWrite, mayAdminister, mayRead } from "../model/rights.ts";
import type { Session } from "../model/session.ts";
import type { MessageLog } from "../model/store.ts";
import { checkReferences, type ReferenceDeps, storedEntry } from "./references.ts";

/** What {@linkcode Editing} is constructed from. */
export interface EditingDeps {
  readonly log: MessageLog;
  readonly sessions: ReferenceDeps["sessions"];
  /** For how long in ms authors can change their messages; 0 if they cannot. */
  readonly editTime: number;
  readonly files: FileService;
  readonly runtime: Runtime;
}

/** Edits and deletes messages, for their authors and for administrators, and takes reactions to them. */
export class Editing {
  readonly #deps: EditingDeps;

  constructor(deps: EditingDeps) {
    this.#deps = deps;
  }

  /**
   * Gives a message new content or, without any, deletes it; returns it as it is then. Without an editor, for an administrator
   * of all channels. Deleting it again, or giving it the content that it has, changes nothing. Rejects with `not_found`,
   * also if the editor may not read the message; `not_allowed`, and as `checkBody` does.
   */
  async change(editor: Session | undefined, id: number, content?: Body): Promise<Message> {
    const { message, channel } = await this.#find(editor, id);
    if (editor !== undefined) this.#check(editor, { message, channel, content });
    // A repetition, because its sender did not get the reply.
    if (!isMessage(message) && content === undefined) return message;
    if (!isMessage(message)) throw notFound(id);
    if (message.event !== undefined) {
      throw new Refused("not_allowed", "What was claimed, released or closed cannot be changed");
    }
    const { title, from } = message;
    if (from !== undefined && content?.title !== undefined) {
      throw new Refused("invalid_request", "A message with a sender has no title");
    }
    const body = content &&
      storedBody({ ...(title !== undefined && { title }), ...content });
    if (body !== undefined) checkBody(body);
    if (body !== undefined && hasContent(message, body)) return message;
    const draft = { ...body, channel: message.channel, changes: id };
    await checkReferences(draft, this.#deps);
    const changed = await this.#append(draft);
    if (body === undefined) await removeFiles(message, this.#deps.files);
    return changed;
  }

  /**
   * Adds the reaction of a person to a message, or removes it; returns the message as it is then. Repeating that changes
   * nothing. Rejects what is not an emoji with `invalid_request`; with `not_found`, `not_allowed` and `too_many_reactions`.
   */
  async react(
    session: Session,
    id: number,
    { emoji: text, on }: { readonly emoji: string; readonly on: boolean },
  ): Promise<Message> {
    const { publicToken: by } = session;
    const emoji = emojiOf(text);
    if (emoji === undefined) {
      throw new Refused("invalid_request", "A reaction must be one emoji, percent-encoded");
    }
    const { message, channel } = await this.#find(session, id);
    checkMayWrite(session, channel);
    if (!isMessage(message)) throw notFound(id);
    if (message.event !== undefined) {
      throw new Refused("not_allowed", "Nobody can react to what was claimed, released or closed");
    }
    if (hasReacted(message.reactions, by, emoji) === on) return message;
    return await this.#append({
      channel: message.channel,
      changes: id,
      reacts: { by, emoji, on },
    });
  }

  /** Rejects what the asker may not read with `not_found`. */
  async #find(asker: Session | undefined, id: number) {
    const message = await storedEntry(this.#deps.log, id);
    const channel = message && parseChannel(message.channel);
    const isKnown = channel !== undefined && (asker === undefined || mayRead(asker, channel));
    if (message === undefined || isChange(message) || !isKnown) throw notFound(id);
    return { message, channel };
  }

  async #append(draft: Draft): Promise<Message> {
    const [appended] = await this.#deps.log.append([draft]);
    const changed = appended?.message.message;
    if (changed === undefined) throw new Error("The log returned no message for a change");
    return changed;
  }

  /** Rejects with `not_allowed` unless the editor administers the channel, or has sent the message recently enough. */
  #check(
    editor: Session,
    { message, channel, content }: {
      readonly message: Message;
      readonly channel: Channel;
      readonly content: Body | undefined;
    },
  ): void {
    if (channel.kind === "room" && mayAdminister(editor.rights, formatChannel(channel))) return;
    if (message.from?.publicToken !== editor.publicToken) {
      throw new Refused("not_allowed", "Only its author and administrators can change a message");
    }
    const { editTime, runtime } = this.#deps;
    if (runtime.wallNow() - message.at > editTime || editTime === 0) {
      const detail = editTime === 0
        ? "Messages cannot be edited or deleted on this server"
        : `A message can be changed for ${editTime / 60_000} minutes after it was sent`;
      throw new Refused("not_allowed", detail);
    }
    if (content !== undefined) checkMayWrite(editor, channel);
  }
}

function hasContent(message: Message, body: Body): boolean {
  const contentOf = ({ title, text, data, mentions }: Body) =>
    JSON.stringify([title, text, data, mentions]);
  return contentOf(message) === contentOf(body);
}

/** Removes the files of a deleted message. Whatever fails here, a sweep does later. */
async function removeFiles({ files = [] }: Message, service: FileService): Promise<void> {
  if (files.length > 0) await service.remove(files.map(({ id }) => id)).catch(() => {});
}

function notFound(id: number): Refused {
  return new Refused("not_found", `There is no message with the id ${id}`);
}
