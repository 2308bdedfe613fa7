import { signal } from "@preact/signals";
import type { Block, Inline } from "./markdown.ts";

type ParseMarkdown = (text: string) => readonly Block[];

/** The parser of marks. It is loaded for the first text that may have some; until then, texts are shown as they are. */
export const markdown = signal<ParseMarkdown>();

/** Loads the parser. The page sets it. */
export const markdownLoader: { load?: () => Promise<ParseMarkdown> } = {};

/** What only texts with marks have. */
const MARK = /[*_~`>]|^\s*(?:-|\d+[.)])\s/m;

/** Maximum number of characters of which a preview shows a part. */
const PREVIEW_LENGTH = 500;

let isLoading = false;

/** The blocks of a text. */
export function parseMarks(text: string): readonly Block[] {
  if (MARK.test(text)) {
    if (markdown.value) return markdown.value(text);
    load();
  }
  return [{ kind: "text", parts: [text] }];
}

/** The beginning of a text without its marks, for previews and notifications. */
export function withoutMarks(text: string): string {
  return textOfBlocks(parseMarks(text.slice(0, PREVIEW_LENGTH)));
}

async function load(): Promise<void> {
  if (isLoading) return;
  isLoading = true;
  try {
    markdown.value = await markdownLoader.load?.();
  } catch {
    // The network is down, or the server has a new version of the page: the next text tries again.
    isLoading = false;
  }
}

function textOfBlocks(blocks: readonly Block[]): string {
  return blocks.map((block) => {
    switch (block.kind) {
      case "text":
        return textOfInlines(block.parts);
      case "code":
        return block.text;
      case "quote":
        return textOfBlocks(block.blocks);
      case "list":
        return block.items.map(({ blocks }) => textOfBlocks(blocks)).join("\n");
    }
  }).join("\n");
}

function textOfInlines(parts: readonly Inline[]): string {
  return parts.map((part) => {
    if (typeof part === "string") return part;
    return part.kind === "code" ? part.text : textOfInlines(part.parts);
  }).join("");
}
