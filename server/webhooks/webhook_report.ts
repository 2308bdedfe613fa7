import { steadyNow } from "../base/clock.ts";
import type { Failure } from "./dispatcher.ts";

/** What happened to webhooks since the start. */
export interface WebhookCounts {
  /** Events that the receiver has taken. */
  readonly sent: number;
  /** Tries that have failed. */
  readonly failed: number;
  /** Events that were tried in vain for too long. */
  readonly givenUp: number;
  /** Events for which there was no room. */
  readonly dropped: number;
}

/** Writes a line for the operator. */
export type Tell = (
  level: "warn" | "error",
  event: string,
  fields: Readonly<Record<string, string | number>>,
) => void;

/** What repeats itself is told again after so long (ms). */
const REMINDER = 10_000;

/** Counts what happens to webhooks, and tells what an operator should know. */
export class WebhookReport {
  readonly #tell: Tell;
  readonly #counts = { sent: 0, failed: 0, givenUp: 0, dropped: 0 };
  readonly #remindsAt = new Map<string, number>();

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  get counts(): WebhookCounts {
    return this.#counts;
  }

  onSent(): void {
    this.#counts.sent++;
  }

  onFailed({ type, tries, reason }: Failure): void {
    this.#counts.failed++;
    const { failed } = this.#counts;
    this.#tellSeldom("warn", "webhook_failed", { type, tries, reason, failed });
  }

  onGivenUp({ type, tries, reason }: Failure): void {
    this.#counts.givenUp++;
    this.#tell("error", "webhook_given_up", { type, tries, reason });
  }

  onDropped(count: number): void {
    this.#counts.dropped += count;
    this.#tellSeldom("error", "webhooks_dropped", { dropped: this.#counts.dropped });
  }

  #tellSeldom(level: "warn" | "error", event: string, fields: Parameters<Tell>[2]): void {
    const now = steadyNow();
    if (now < (this.#remindsAt.get(event) ?? 0)) return;
    this.#remindsAt.set(event, now + REMINDER);
    this.#tell(level, event, fields);
  }
}
