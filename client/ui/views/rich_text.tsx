import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { isFewEmoji } from "./few_emoji.ts";
import { Fold } from "./fold.tsx";
import { parseLinks } from "./linkify.ts";
import type { Block, Inline, ListItem } from "./markdown.ts";
import { markdown, parseMarks } from "./marks.ts";
import type { ShowSpans, TextProps } from "./message_text.tsx";

/** A text with its links and marks. A few emoji without other text are shown large, and a long text is folded. */
export function RichText({ text, showSpans = (span) => span }: TextProps) {
  const blocks = useMemo(() => parseMarks(text), [text, markdown.value]);
  const [first] = blocks;
  return (
    <Fold length={text.length} lines={text.split("\n").length}>
      {() =>
        blocks.length === 1 && first?.kind === "text"
          ? (
            <p class="text" dir="auto" data-large={isFewEmoji(text) || undefined}>
              {showInlines(first.parts, showSpans)}
            </p>
          )
          : <div class="text">{showBlocks(blocks, showSpans)}</div>}
    </Fold>
  );
}

function showBlocks(blocks: readonly Block[], showSpans: ShowSpans): ComponentChildren {
  return blocks.map((block, index) => {
    switch (block.kind) {
      case "text":
        return <p key={index} dir="auto">{showInlines(block.parts, showSpans)}</p>;
      case "code":
        return <pre key={index} dir="ltr">{block.text}</pre>;
      case "quote":
        return (
          <blockquote key={index} dir="auto">{showBlocks(block.blocks, showSpans)}</blockquote>
        );
      case "list":
        return showList({ items: block.items, showSpans, key: index });
    }
  });
}

interface ListOptions {
  readonly items: readonly ListItem[];
  readonly showSpans: ShowSpans;
  readonly key: number;
}

function showList({ items, showSpans, key }: ListOptions): ComponentChildren {
  const children = items.map(({ value, blocks }, index) => (
    <li key={index} value={value} dir="auto">{showBlocks(blocks, showSpans)}</li>
  ));
  return items[0]?.value === undefined
    ? <ul key={key} dir="auto">{children}</ul>
    : <ol key={key} dir="auto">{children}</ol>;
}

function showInlines(parts: readonly Inline[], showSpans: ShowSpans): ComponentChildren {
  return parts.map((part, index) => {
    if (typeof part === "string") return showLinks(part, showSpans);
    if (part.kind === "code") return <code key={index}>{part.text}</code>;
    const Mark = part.kind;
    return <Mark key={index}>{showInlines(part.parts, showSpans)}</Mark>;
  });
}

function showLinks(text: string, showSpans: ShowSpans): ComponentChildren {
  return parseLinks(text).map(({ text, href }, index) =>
    href === undefined ? showSpans(text) : <Link key={index} href={href} text={text} />
  );
}

/** A link opens in a new tab. It is read from left to right, whatever the direction of the text around it. */
function Link({ href, text }: { readonly href: string; readonly text: string }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" dir="ltr" tabIndex={-1}>
      {text}
    </a>
  );
}
