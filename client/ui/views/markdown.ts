import type { SyntaxNode } from "@lezer/common";
import {
  type BlockContext,
  type InlineContext,
  type MarkdownConfig,
  parser as commonMark,
  Strikethrough,
} from "@lezer/markdown";
import { parseLinks } from "./linkify.ts";

/** A part of a line: text with its links, code, or what is marked. */
export type Inline =
  | string
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "em" | "strong" | "del"; readonly parts: readonly Inline[] };

export type Block =
  | { readonly kind: "text"; readonly parts: readonly Inline[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "quote"; readonly blocks: readonly Block[] }
  | { readonly kind: "list"; readonly items: readonly ListItem[] };

export interface ListItem {
  /** The number of the item as it was written; undefined for a bullet. */
  readonly value: number | undefined;
  readonly blocks: readonly Block[];
}

/** What is nested deeper than this is shown as it was written. */
const MAX_DEPTH = 8;

/**
 * Maximum numbers of marks in a text, and of nested quotations and lists. A text beyond them is shown as it was written:
 * the parser takes a time that grows with the square of their number, a second for 8 KiB of them.
 */
const MAX_MARKS = 1_000;
const DEEP = /^(?:[ \t]*(?:>|[-*+]|\d+[.)])){10}/m;
const ANY_MARK = /[*_~`>]|^[ \t]*(?:[-+]|\d+[.)])/gm;

/** Names of the marks around a part of a line. */
const MARKS: Readonly<Record<string, "em" | "strong" | "del">> = {
  Emphasis: "em",
  StrongEmphasis: "strong",
  Strikethrough: "del",
};

/** A letter of a script that separates words by spaces, or a digit: a mark between two of them is a sign. */
const WORD_CHARACTER = /[\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}\p{N}]/u;

const [ASTERISK, BACKSLASH] = [42, 92];

/** How far the lines of the paragraph that is being read are indented by quotations and lists. */
const indents = new WeakMap<BlockContext, number>();

/** The end of each link of the lines that are being read, by its start. */
const linkEnds = new WeakMap<InlineContext, ReadonlyMap<number, number>>();

function linkEndsOf(context: InlineContext): ReadonlyMap<number, number> {
  const known = linkEnds.get(context);
  if (known) return known;
  const ends = new Map<number, number>();
  let at = context.offset;
  for (const { text, href } of parseLinks(context.text)) {
    if (href !== undefined) ends.set(at, at + text.length);
    at += text.length;
  }
  linkEnds.set(context, ends);
  return ends;
}

/** CommonMark without HTML, images, headings, rules, reference links, escapes and indented code, and as people write in chats. */
const CHAT: MarkdownConfig = {
  remove: [
    ...["IndentedCode", "ATXHeading", "HTMLBlock", "SetextHeading", "LinkReference"],
    ...["Escape", "Entity", "HTMLTag", "HardBreak", "Link", "Image", "LinkEnd"],
  ],
  parseBlock: [{
    // A paragraph of a quotation or a list does not continue on a line without the mark.
    name: "NoLazyLine",
    parse: (context, line) => {
      indents.set(context, line.baseIndent);
      return false;
    },
    endLeaf: (context, line) => line.baseIndent < (indents.get(context) ?? 0),
  }],
  parseInline: [{
    // Both characters are shown.
    name: "BackslashedMark",
    before: "InlineCode",
    parse: (_, next, start) => next === BACKSLASH ? start + 2 : -1,
  }, {
    // The marks in a link belong to it.
    name: "WebLink",
    before: "Emphasis",
    parse: (context, _, start) => {
      const end = linkEndsOf(context).get(start);
      return end === undefined ? -1 : end;
    },
  }, {
    // `2*3*4` is no emphasis.
    name: "AsteriskInWord",
    before: "Emphasis",
    parse: (context, next, start) => {
      if (next !== ASTERISK) return -1;
      let end = start;
      while (context.char(end) === ASTERISK) end++;
      const isInWord = [context.slice(start - 1, start), context.slice(end, end + 1)]
        .every((character) => WORD_CHARACTER.test(character));
      return isInWord ? end : -1;
    },
  }],
};

const parser = commonMark.configure([CHAT, Strikethrough]);

/** Reads a text with marks: `**bold**`, `_italic_`, `~~struck~~`, code, lists and quotations. */
export function parseMarkdown(text: string): readonly Block[] {
  const isBounded = (text.match(ANY_MARK)?.length ?? 0) <= MAX_MARKS && !DEEP.test(text);
  if (!isBounded) return [{ kind: "text", parts: [text] }];
  return new Reader(text).blocksOf(parser.parse(text).topNode, 0);
}

/** Makes blocks of the nodes that the parser has found. What stands between marks stays as it was written. */
class Reader {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  blocksOf(parent: SyntaxNode, depth: number): readonly Block[] {
    const blocks: Block[] = [];
    let run: SyntaxNode[] = [];
    const endRun = () => {
      if (run.length > 0) blocks.push({ kind: "text", parts: this.#textOf(run, depth) });
      run = [];
    };
    for (const node of childrenOf(parent)) {
      if (node.name === "QuoteMark" || node.name === "ListMark") {
        if (run.length > 0) run.push(node);
        continue;
      }
      const block = depth < MAX_DEPTH ? this.#blockOf(node, depth + 1) : undefined;
      if (block) {
        endRun();
        blocks.push(block);
      } else run.push(node);
    }
    endRun();
    return blocks;
  }

  /** Undefined for a paragraph, and for what is shown as it was written. */
  #blockOf(node: SyntaxNode, depth: number): Block | undefined {
    switch (node.name) {
      case "FencedCode":
        return this.#codeOf(node);
      case "Blockquote":
        return { kind: "quote", blocks: this.blocksOf(node, depth) };
      case "BulletList":
      case "OrderedList":
        return this.#listOf(node, depth);
    }
  }

  #codeOf(node: SyntaxNode): Block | undefined {
    const marks = node.getChildren("CodeMark");
    const text = node.getChildren("CodeText").map((part) => this.#slice(part)).join("");
    return marks.length === 2 && text !== "" ? { kind: "code", text } : undefined;
  }

  #listOf(node: SyntaxNode, depth: number): Block | undefined {
    const items = node.getChildren("ListItem").map((item) => {
      const [mark] = item.getChildren("ListMark");
      const label = mark ? this.#slice(mark) : "";
      return {
        label,
        value: /^\d/.test(label) ? parseInt(label) : undefined,
        blocks: this.blocksOf(item, depth),
      };
    });
    // `+` and a mark without a text are no lists.
    if (items.some(({ label, blocks }) => label === "+" || blocks.length === 0)) return undefined;
    return { kind: "list", items };
  }

  /** The text of paragraphs that follow one another, with the empty lines between them. */
  #textOf(nodes: readonly SyntaxNode[], depth: number): readonly Inline[] {
    const [first] = nodes;
    const last = nodes.findLast(({ name }) => name !== "QuoteMark");
    if (!first || !last) return [];
    const start = depth === 0 ? this.#text.lastIndexOf("\n", first.from - 1) + 1 : first.from;
    const parts = this.#inlinesOf(
      nodes.flatMap((node) =>
        node.name === "Paragraph" ? childrenOf(node) : node.name === "QuoteMark" ? node : []
      ),
      { from: start, to: last.to, depth: 0 },
    );
    return depth === 0
      ? parts
      : parts.map((part) => typeof part === "string" ? part.replace(/\n[ \t]+/g, "\n") : part);
  }

  #inlinesOf(
    nodes: readonly SyntaxNode[],
    { from, to, depth }: { readonly from: number; readonly to: number; readonly depth: number },
  ): readonly Inline[] {
    const parts: Inline[] = [];
    let [at, text] = [from, ""];
    for (const node of nodes) {
      const inline = depth < MAX_DEPTH ? this.#inlineOf(node, depth) : undefined;
      if (inline === undefined) continue;
      text += this.#text.slice(at, node.from);
      at = node.to;
      if (inline === "") continue;
      if (text !== "") parts.push(text);
      text = "";
      parts.push(inline);
    }
    text += this.#text.slice(at, to);
    return text === "" ? parts : [...parts, text];
  }

  /** Empty for a mark, and undefined for what is shown as it was written. */
  #inlineOf(node: SyntaxNode, depth: number): Inline | undefined {
    const { name, from, to } = node;
    if (name.endsWith("Mark")) return "";
    const children = childrenOf(node);
    if (name === "InlineCode") {
      const [start = 0, end = 0] = [children[0]?.to, children.at(-1)?.from];
      const code = this.#text.slice(start, end);
      return { kind: "code", text: /^ .*\S.* $/s.test(code) ? code.slice(1, -1) : code };
    }
    const kind = MARKS[name];
    return kind && { kind, parts: this.#inlinesOf(children, { from, to, depth: depth + 1 }) };
  }

  #slice({ from, to }: SyntaxNode): string {
    return this.#text.slice(from, to);
  }
}

function childrenOf(parent: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = parent.firstChild; child; child = child.nextSibling) children.push(child);
  return children;
}
