import type { PollAnswer } from "../core/polling.ts";
import type { Refusal } from "../core/refusal.ts";

/** Figures that are read when somebody asks. */
export interface Gauges {
  readonly parkedPolls: number;
  readonly windowBytes: number;
}

/** A figure of some other part, which is read when somebody asks. */
export interface Figure {
  /** Without `halley_` in front. */
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly value: number;
}

/** Counts what happens, for `GET /metrics`. */
export class Metrics {
  readonly #polls = new Map<PollAnswer["outcome"], number>();
  readonly #refusals = new Map<Refusal, number>();
  readonly #limited = new Map<string, number>();
  #messages = 0;
  #deliveries = 0;
  #gaps = 0;
  readonly #others: (() => readonly Figure[])[] = [];

  /** Has `figures` asked whenever somebody asks for the metrics. */
  include(figures: () => readonly Figure[]): void {
    this.#others.push(figures);
  }

  /** A message was taken in. */
  onSent(): void {
    this.#messages++;
  }

  /** A poll was answered. */
  onAnswer({ outcome, messages, gap }: PollAnswer): void {
    raise(this.#polls, outcome);
    this.#deliveries += messages.length;
    if (gap) this.#gaps++;
  }

  /** A request was turned down. */
  onRefusal(refusal: Refusal): void {
    raise(this.#refusals, refusal);
  }

  /** A limit by rate was passed. */
  onLimited(limit: string): void {
    raise(this.#limited, limit);
  }

  /** All figures in the text format of Prometheus. */
  format({ parkedPolls, windowBytes }: Gauges): string {
    return [
      ...family("parked_polls", "gauge", "Polls that are parked", parkedPolls),
      ...family("window_bytes", "gauge", "Size of the recent window as JSON", windowBytes),
      ...family("messages_total", "counter", "Messages sent", this.#messages),
      ...family("deliveries_total", "counter", "Messages given in replies", this.#deliveries),
      ...family("gaps_total", "counter", "Replies that told of a gap", this.#gaps),
      ...labelled("polls_total", "Polls answered", "outcome", this.#polls),
      ...labelled("refusals_total", "Requests turned down", "code", this.#refusals),
      ...labelled("limited_total", "Requests beyond a limit by rate", "limit", this.#limited),
      ...this.#others.flatMap((figures) => figures()).flatMap(({ name, type, help, value }) =>
        family(name, type, help, value)
      ),
      "",
    ].join("\n");
  }
}

function raise<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function family(name: string, type: "gauge" | "counter", help: string, value: number): string[] {
  return [...heading(name, type, help), `halley_${name} ${value}`];
}

function labelled(
  name: string,
  help: string,
  label: string,
  counts: ReadonlyMap<string, number>,
): string[] {
  const lines = [...counts].map(([key, value]) => `halley_${name}{${label}="${key}"} ${value}`);
  return [...heading(name, "counter", help), ...lines];
}

function heading(name: string, type: string, help: string): string[] {
  return [`# HELP halley_${name} ${help}`, `# TYPE halley_${name} ${type}`];
}
