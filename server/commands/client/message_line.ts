import type { Message } from "../../protocol/message.ts";
import { harmless, harmlessJson } from "./harmless.ts";

/** How a message is written as text. */
export interface LineOptions {
  /** Several channels are read: the line says which one it is. */
  readonly showsChannel: boolean;
  /** Unix time: what was sent on another day has its date. */
  readonly now: number;
}

/**
 * One line for people: `12:03:11 alice: hello`; of the system: `12:03:11 * Lunch: it is here`. Times are local. Nothing in
 * a message commands the terminal.
 */
export function formatLine(message: Message, { showsChannel, now }: LineOptions): string {
  const { channel, from, title, text, data, at } = message;
  const said = text ?? JSON.stringify(data);
  const where = showsChannel ? [channel === "notice" ? "everyone" : channel] : [];
  const who = from === undefined ? "*" : `${from.displayName}:`;
  const what = title === undefined ? [said] : [`${title}:`, said];
  return [formatTime(at, now), ...[...where, who, ...what].map(harmless)].join(" ");
}

/** The message as a line of JSON, in which nothing commands the terminal. */
export function formatJsonLine(message: Message): string {
  return harmlessJson(JSON.stringify(message));
}

function formatTime(at: number, now: number): string {
  const time = new Date(at);
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(twoDigits).join(":");
  if (time.toDateString() === new Date(now).toDateString()) return clock;
  const day = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(twoDigits).join("-");
  return `${day} ${clock}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
