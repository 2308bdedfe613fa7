import { computed, type Signal, signal } from "./signals.ts";

/** Something that is kept from one drawing to the next. */
export interface Ref<T> {
  current: T;
}

type Inputs = readonly unknown[] | undefined;
type Effect = () => (() => void) | void;

interface Memo {
  inputs: Inputs;
  value: unknown;
}

interface Layout {
  readonly effect: Effect;
  inputs: Inputs;
  isDue: boolean;
  end: (() => void) | void;
}

/** What the hooks of one component keep. */
export class Hooks {
  readonly #kept: (Memo | Layout)[] = [];
  #next = 0;

  /** Calls a component, whose hooks find here what they have kept. */
  call<T>(draw: () => T): T {
    const outer = current;
    current = this;
    this.#next = 0;
    try {
      return draw();
    } finally {
      current = outer;
    }
  }

  memo<T>(compute: () => T, inputs: Inputs): T {
    const kept = this.#kept[this.#next] as Memo | undefined;
    const memo = kept && isSame(kept.inputs, inputs) ? kept : { inputs, value: compute() };
    this.#kept[this.#next++] = memo;
    return memo.value as T;
  }

  layout(effect: Effect, inputs: Inputs): void {
    const kept = this.#kept[this.#next] as Layout | undefined;
    const isDue = !kept || kept.isDue || !isSame(kept.inputs, inputs);
    this.#kept[this.#next++] = { effect, inputs, isDue, end: kept?.end };
  }

  /** To be called when everything is in its place. */
  settle(): void {
    const due = this.#layouts.filter(({ isDue }) => isDue);
    for (const layout of due) layout.end?.();
    for (const layout of due) {
      layout.isDue = false;
      layout.end = layout.effect();
    }
  }

  /** To be called before it goes. */
  end(): void {
    for (const { end } of this.#layouts) end?.();
  }

  get #layouts(): Layout[] {
    return this.#kept.filter((one) => "effect" in one);
  }
}

let current: Hooks;

export function useMemo<T>(compute: () => T, inputs?: readonly unknown[]): T {
  return current.memo(compute, inputs);
}

export function useLayoutEffect(effect: Effect, inputs?: readonly unknown[]): void {
  current.layout(effect, inputs);
}

// What is to be done after drawing may be done right after it.
export { useLayoutEffect as useEffect };

export function useRef<T>(first: T): Ref<T> {
  return useMemo(() => ({ current: first }), []);
}

export function useSignal<T>(first: T): Signal<T> {
  return useMemo(() => signal(first), []);
}

export function useComputed<T>(compute: () => T) {
  const ref = useRef(compute);
  ref.current = compute;
  return useMemo(() => computed(() => ref.current()), []);
}

function isSame(one: Inputs, other: Inputs): boolean {
  return one !== undefined && other !== undefined && one.length === other.length &&
    one.every((input, n) => input === other[n]);
}
