import type { Ref } from "./hooks.ts";

/** What an element was told. */
export type Props = Readonly<Record<string, unknown>>;

const SVG = "http://www.w3.org/2000/svg";

/** Knows by what it was told last whom to call. */
export interface Listening {
  props: Props;
}

export function createElement(type: string, isSvg: boolean): Element {
  return isSvg ? document.createElementNS(SVG, type) : document.createElement(type);
}

/** Tells an element what has changed since it was told last. */
export function setProps(element: Element, { listening, before, props }: {
  readonly listening: Listening;
  readonly before: Props;
  readonly props: Props;
}): void {
  listening.props = props;
  for (const name in { ...before, ...props }) {
    const value = props[name];
    if (name === "children" || name === "key" || name === "ref") continue;
    if (name.startsWith("on")) {
      if (!(name in before)) listen(element, name, listening);
    } else if (name === "value") setValue(element, value);
    else if (value !== before[name]) setAttribute(element, name, value);
  }
  if (before.ref !== props.ref) {
    setRef(before.ref, null);
    setRef(props.ref, element);
  }
}

/** Says where an element is to be found. */
export function setRef(ref: unknown, element: Element | null): void {
  if (ref) (ref as Ref<Element | null>).current = element;
}

function listen(element: Element, name: string, listening: Listening): void {
  element.addEventListener(name.slice(2).toLowerCase(), (event) => {
    const listener = listening.props[name];
    if (typeof listener === "function") listener.call(element, event);
  });
}

/** What one has written is there already: to set it again would move the place where one writes. */
function setValue(element: Element, value: unknown): void {
  const field = element as HTMLInputElement;
  if (field.value !== value) field.value = String(value ?? "");
}

/** `false` is a word where it is said of the name's own accord, and else means that there is no such attribute. */
function setAttribute(element: Element, name: string, value: unknown): void {
  const isSaid = value !== undefined && value !== null && (value !== false || name[4] === "-");
  if (isSaid) element.setAttribute(name, String(value));
  else element.removeAttribute(name);
}
