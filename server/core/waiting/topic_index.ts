import type { Topic } from "../model/message.ts";
import type { WaitingTab as Tab } from "./seat.ts";

/**
 * Which tabs wait for which topics, in the order in which they began to. Most topics are inboxes that a single tab waits for:
 * such a topic has no set, which saves 200 bytes for each session.
 */
export class TopicIndex {
  readonly #tabs = new Map<Topic, Tab | Set<Tab>>();

  /** Number of topics that tabs wait for. */
  get size(): number {
    return this.#tabs.size;
  }

  /** Number of tabs that wait for a topic. */
  countOf(topic: Topic): number {
    const tabs = this.#tabs.get(topic);
    return tabs instanceof Set ? tabs.size : Number(tabs !== undefined);
  }

  /** The tab that has waited for a topic for the longest. */
  firstOf(topic: Topic): Tab | undefined {
    const tabs = this.#tabs.get(topic);
    return tabs instanceof Set ? tabs.values().next().value : tabs;
  }

  /** Calls `visit` with each tab that waits for a topic. */
  forEach(topic: Topic, visit: (tab: Tab) => void): void {
    const tabs = this.#tabs.get(topic);
    if (tabs instanceof Set) tabs.forEach(visit);
    else if (tabs !== undefined) visit(tabs);
  }

  add(topic: Topic, tab: Tab): void {
    const tabs = this.#tabs.get(topic);
    if (tabs instanceof Set) tabs.add(tab);
    else this.#tabs.set(topic, tabs === undefined ? tab : new Set([tabs, tab]));
  }

  delete(topic: Topic, tab: Tab): void {
    const tabs = this.#tabs.get(topic);
    if (tabs instanceof Set) tabs.delete(tab);
    if (tabs === tab || tabs instanceof Set && tabs.size === 0) this.#tabs.delete(topic);
  }
}
