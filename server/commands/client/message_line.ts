import type { Change, Message } from "../../protocol/message.ts";
import { escapeJson, escapeText } from "./terminal.ts";

/** How to format a message as text. */
export interface LineOptions {
  /** Whether to name the channel, if several are printed. */
  readonly showsChannel: boolean;
  /** Unix time in ms. Messages of another day are printed with their date. */
  readonly now: number;
}

/**
 * Formats a message as one line for people: `12:03:11 alice: hello`, or `12:03:11 * Lunch: it is here` without a sender,
 * `12:03:11 * Support: hello` with the name of a back end. Times are local. Control characters are escaped.
 */
export function formatLine(message: Message, { showsChannel, now }: LineOptions): string {
  const { from, as, title, text, data, files = [], at } = message;
  const content = text ?? (data === undefined ? [] : JSON.stringify(data));
  const parts = [
    ...(showsChannel ? [channelName(message)] : []),
    from === undefined ? "*" : `${from.displayName}:`,
    ...(as === undefined ? [] : [`${as.displayName}:`]),
    ...(title === undefined ? [] : [`${title}:`]),
    content,
    files.map(({ name }) => `[${name}]`),
  ].flat();
  return [formatTime(at, now), ...parts.map(escapeText)].join(" ");
}

/**
 * Formats a change as one line for people, with its time and that of the message:
 * `12:05:42 edited 12:03:11 alice: hello`, or `12:05:42 deleted 12:03:11 alice`. Returns `undefined` for a reaction.
 */
export function formatChangeLine(
  { message, at }: Change,
  options: LineOptions,
): string | undefined {
  const { showsChannel, now } = options;
  const time = formatTime(at, now);
  if (message.deletedAt === undefined) {
    const { editedAt = -Infinity } = message;
    // A reaction does not change when the message was edited.
    return editedAt < at ? undefined : `${time} edited ${formatLine(message, options)}`;
  }
  const parts = [
    ...(showsChannel ? [channelName(message)] : []),
    message.from?.displayName ?? "*",
  ];
  return [time, "deleted", formatTime(message.at, now), ...parts.map(escapeText)].join(" ");
}

/** Formats a message or a change as one line of JSON. Control characters are escaped. */
export function formatJsonLine(entry: Message | Change): string {
  return escapeJson(JSON.stringify(entry));
}

function channelName({ channel }: Message): string {
  return channel === "notice" ? "everyone" : channel;
}

function formatTime(at: number, now: number): string {
  const date = new Date(at);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(":");
  if (date.toDateString() === new Date(now).toDateString()) return time;
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join("-");
  return `${day} ${time}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
