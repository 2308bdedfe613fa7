import { createElement, type Listening, type Props, setProps, setRef } from "./elements.ts";
import { Hooks } from "./hooks.ts";
import { Fragment, jsx, type VNode } from "./jsx_runtime.ts";
import { Reaction } from "./signals.ts";

/** What is shown in one place: an element, a text, or what a component says. */
interface Part {
  vnode: VNode | string;
  /** Of an element or a text. */
  readonly node?: Element | Text;
  /** Of an element. */
  readonly inside?: Site;
  readonly listening?: Listening;
  /** Of a component. */
  readonly drawing?: Drawing;
  children: Places;
}

/** A place with nothing in it is one all the same: by its places a part is known again. */
type Places = readonly (Part | undefined)[];

/** Where parts are put. */
interface Site {
  readonly parent: Element;
  readonly isSvg: boolean;
  readonly depth: number;
}

/** Before which node of a site something is put. */
interface Spot {
  readonly site: Site;
  readonly before: Node | null;
}

const EMPTY: Props = {};

const dirty = new Set<Drawing>();
let unsettled: Hooks[] = [];
let isDrawing = false;

/** Shows that in there, and goes on to do so whenever a signal says something else. */
export function render(vnode: VNode, parent: Element): void {
  draw(() => place([], [vnode], { site: { parent, isSvg: false, depth: 0 }, before: null }));
}

/** A component in its place. */
class Drawing {
  readonly site: Site;
  readonly hooks = new Hooks();
  readonly #reaction = new Reaction(() => kind(this));
  #part: Part | undefined;

  constructor(site: Site) {
    this.site = site;
  }

  /** Whether nothing can have become different: it depends on signals, and on what it is told. */
  isAsBefore(before: Props, props: Props): boolean {
    return this.#reaction.sources.size > 0 && !dirty.has(this) && isShallowlyEqual(before, props);
  }

  draw(part: Part, before: Node | null): void {
    this.#part = part;
    dirty.delete(this);
    const { type, props } = part.vnode as VNode;
    const shown = this.#reaction.read(() =>
      this.hooks.call(() => (type as typeof Fragment)(props))
    );
    const options = { site: { ...this.site, depth: this.site.depth + 1 }, before };
    part.children = place(part.children, listOf(shown), options);
    // Something must hold the place.
    if (!firstNode(part)) part.children = place(part.children, [""], options);
    unsettled.push(this.hooks);
  }

  drawAgain(): void {
    if (this.#part) this.draw(this.#part, lastNode(this.#part)?.nextSibling ?? null);
  }

  end(): void {
    this.#part = undefined;
    dirty.delete(this);
    this.#reaction.end();
    this.hooks.end();
  }
}

function kind(drawing: Drawing): void {
  if (dirty.size === 0 && !isDrawing) queueMicrotask(redraw);
  dirty.add(drawing);
}

function redraw(): void {
  draw(() => {
    // Those above first: they may draw those below too, or take them away.
    const drawings = [...dirty].sort((one, other) => one.site.depth - other.site.depth);
    for (const drawing of drawings) if (dirty.has(drawing)) drawing.drawAgain();
  });
}

function draw(act: () => void): void {
  isDrawing = true;
  try {
    act();
    const settling = unsettled;
    unsettled = [];
    for (const hooks of settling) hooks.settle();
  } finally {
    isDrawing = false;
    if (dirty.size > 0) queueMicrotask(redraw);
  }
}

/** Shows that in the place of what was shown, before that node. */
function place(
  old: Places,
  shown: readonly unknown[],
  { site, before }: Spot,
): Places {
  const keyed = new Map(old.map((part) => [keyOf(part?.vnode), part]));
  const left = new Set(old);
  const parts = shown.map((one, n) => {
    const vnode = vnodeOf(one);
    if (vnode === undefined) return undefined;
    const key = keyOf(vnode);
    const known = key === undefined ? old[n] : keyed.get(key);
    const isKnown = known && isAlike(known.vnode, vnode) && left.delete(known);
    return isKnown ? update(known, vnode, before) : create(vnode, { site, before });
  });
  for (const part of left) if (part) remove(part);
  let next = before;
  for (const part of parts.toReversed()) {
    if (part) next = put(part, site.parent, next);
  }
  return parts;
}

function create(vnode: VNode | string, { site, before }: Spot): Part {
  if (typeof vnode === "string") {
    return { vnode, node: document.createTextNode(vnode), children: [] };
  }
  const { type, props } = vnode;
  if (typeof type !== "string") {
    const drawing = new Drawing(site);
    const part: Part = { vnode, drawing, children: [] };
    drawing.draw(part, before);
    return part;
  }
  const isSvg = site.isSvg || type === "svg";
  const element = createElement(type, isSvg);
  const inside = { parent: element, isSvg, depth: site.depth + 1 };
  const part: Part = { vnode, node: element, inside, listening: { props }, children: [] };
  showElement(part, EMPTY);
  return part;
}

function update(part: Part, vnode: VNode | string, before: Node | null): Part {
  const old = part.vnode;
  if (old === vnode) return part;
  part.vnode = vnode;
  if (typeof vnode === "string" || typeof old === "string") {
    if (part.node) part.node.textContent = String(vnode);
  } else if (!part.drawing) showElement(part, old.props);
  else if (!part.drawing.isAsBefore(old.props, vnode.props)) {
    part.drawing.draw(part, lastNode(part)?.nextSibling ?? before);
  }
  return part;
}

function showElement(part: Part, before: Props): void {
  const { vnode, inside, listening } = part;
  if (typeof vnode === "string" || !inside || !listening) return;
  const { props } = vnode;
  part.children = place(part.children, listOf(props.children), { site: inside, before: null });
  setProps(inside.parent, { listening, before, props });
}

function remove(part: Part): void {
  const nodes = nodesOf(part);
  end(part);
  for (const node of nodes) node.remove();
}

function end({ vnode, node, drawing, children }: Part): void {
  drawing?.end();
  if (node && typeof vnode !== "string") setRef(vnode.props.ref, null);
  for (const child of children) if (child) end(child);
}

/** Moves nothing that is in its place: it would lose the focus, and what it has scrolled. */
function put(part: Part, parent: Element, before: Node | null): Node | null {
  let next = before;
  for (const node of nodesOf(part).toReversed()) {
    if (node.parentNode !== parent || node.nextSibling !== next) parent.insertBefore(node, next);
    next = node;
  }
  return next;
}

function nodesOf({ node, children }: Part): readonly (Element | Text)[] {
  return node ? [node] : children.flatMap((child) => child ? nodesOf(child) : []);
}

function firstNode(part: Part) {
  return nodesOf(part)[0];
}

function lastNode(part: Part) {
  return nodesOf(part).at(-1);
}

function listOf(children: unknown): readonly unknown[] {
  return Array.isArray(children) ? children : [children];
}

function vnodeOf(shown: unknown): VNode | string | undefined {
  if (shown === undefined || shown === null || typeof shown === "boolean") return undefined;
  if (Array.isArray(shown)) return jsx(Fragment, { children: shown });
  return typeof shown === "object" ? shown as VNode : String(shown);
}

function keyOf(vnode: VNode | string | undefined): unknown {
  return typeof vnode === "object" ? vnode.key : undefined;
}

function isAlike(one: VNode | string, other: VNode | string): boolean {
  if (typeof one === "string" || typeof other === "string") return typeof one === typeof other;
  return one.type === other.type && one.key === other.key;
}

function isShallowlyEqual(one: Props, other: Props): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length &&
    names.every((name) => one[name] === other[name]);
}
