import type { Message } from "../../server/protocol/message.ts";

/** What a message refers to, as its sender has sent it. */
export interface References {
  /** The id of the message that it replies to. */
  readonly replyTo?: number;
  /** The public tokens of the people whom its text mentions. */
  readonly mentions?: readonly string[];
}

/** A message as it was sent. */
interface Sent extends References {
  /** Its first text. */
  readonly text: string;
  /** The rule that is broken if it is stored. */
  readonly refusedBy?: string | undefined;
}

interface Complaint {
  readonly rule: string;
  readonly what: string;
}

/** What the messages of a run refer to, and which were refused because that does not exist any more. */
export class MessageReferences {
  readonly #received = new Set<string>();

  /** Whether a reader has received the message of that first text. */
  isReceived(text: string): boolean {
    return this.#received.has(text);
  }

  /** A reader has received a message. Returns what is wrong with it. */
  onReceived(message: Message, sent: Sent): Complaint | undefined {
    this.#received.add(sent.text);
    const { refusedBy } = sent;
    if (refusedBy === undefined) return complaintAbout(message, sent);
    return { rule: refusedBy, what: `received "${sent.text}", which was refused` };
  }
}

/** An edit stays a reply, and mentions nobody. */
function complaintAbout(message: Message, sent: Sent): Complaint | undefined {
  const { text, replyTo, mentions = [] } = message;
  if (replyTo !== sent.replyTo) {
    const what = `received "${text}" as a reply to ${replyTo}, not to ${sent.replyTo}`;
    return { rule: "A11", what };
  }
  const mentioned = text === sent.text ? sent.mentions ?? [] : [];
  if (mentions.join() === mentioned.join()) return undefined;
  return { rule: "A14", what: `received "${text}" with mentions of ${mentions}, not ${mentioned}` };
}
