import type { Props } from "./elements.ts";

/** What is to be shown: an element, or a component, which says what. */
export interface VNode {
  readonly type: string | Component;
  readonly props: Props;
  readonly key: unknown;
}

/** A function that says what is to be shown. */
export type Component = (props: Props) => unknown;

export function jsx(type: VNode["type"], props: Props, key?: unknown): VNode {
  return { type, props, key };
}

export { jsx as jsxs };

/** Several in the place of one. */
export function Fragment({ children }: Props): unknown {
  return children;
}
