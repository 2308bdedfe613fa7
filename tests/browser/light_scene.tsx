import { computed, signal, useSignal } from "@preact/signals";
import { render } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";

/** What is shown in one step. */
export interface Step {
  /** Keys in their order. */
  readonly keys: readonly number[];
  readonly hasHead: boolean;
  readonly isGrouped: boolean;
  readonly text: string;
}

const FIRST: Step = { keys: [], hasHead: false, isGrouped: false, text: "" };

/** Plays the steps one after the other, and tells what stands there after each, and which effects began and ended. */
export async function play(steps: readonly Step[]): Promise<readonly unknown[]> {
  const told: string[] = [];
  const step = signal(FIRST);
  const length = computed(() => step.value.keys.length);
  const place = document.createElement("div");
  document.body.append(place);
  let now = 0;

  function Item({ n, isEven }: { readonly n: number; readonly isEven: boolean }) {
    const element = useRef<HTMLLIElement>(null);
    const clicks = useSignal(0);
    const first = useMemo(() => n, []);
    useLayoutEffect(() => {
      // An element that is made anew is found out by that.
      element.current?.setAttribute("data-born", String(now));
      element.current?.click();
      return () => void told.push(`end ${n} ${element.current !== null}`);
    }, []);
    useLayoutEffect(() => void told.push(`even ${isEven}`), [isEven]);
    return (
      <li ref={element} onClick={() => clicks.value++} class={isEven ? "even" : undefined}>
        {first} {clicks.value > 0 && <b>{clicks.value}</b>}
        {isEven && length.value > 3 ? <i>many</i> : null}
      </li>
    );
  }

  function Perhaps() {
    const { text } = step.value;
    return text.length > 2
      ? (
        <>
          {text}
          <br />
        </>
      )
      : null;
  }

  function RunContext() {
    const { keys, hasHead, isGrouped, text } = step.value;
    const items = keys.map((n, at) => <Item key={n} n={n} isEven={at % 2 === 0} />);
    return (
      <>
        {hasHead && <h1 title={text} aria-busy={isGrouped}>{text}</h1>}
        <Perhaps />
        {isGrouped
          ? (
            <ul>
              {items}
              <li>last</li>
            </ul>
          )
          : items}
        <svg viewBox="0 0 1 1">{hasHead && <g class={text} />}</svg>
        <textarea value={text} />
        <Perhaps />
      </>
    );
  }

  render(<RunContext />, place);
  const shown: unknown[] = [];
  for (const next of steps) {
    now++;
    step.value = next;
    await new Promise((resolve) => setTimeout(resolve, 5));
    const names = [...place.querySelectorAll("g")].map(({ namespaceURI }) => namespaceURI);
    const { value } = place.querySelector("textarea")!;
    shown.push([place.innerHTML, value, names, told.splice(0).sort()]);
  }
  place.remove();
  return shown;
}
