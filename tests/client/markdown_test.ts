import { assert, assertEquals } from "@std/assert";
import { type Block, parseMarkdown } from "../../client/ui/views/markdown.ts";
import { markdown, withoutMarks } from "../../client/ui/views/marks.ts";

/** Blocks as short HTML, so that examples can be read. */
function html(blocks: readonly Block[]): string {
  return blocks.map((block): string => {
    switch (block.kind) {
      case "text":
        return inlines(block.parts);
      case "code":
        return `<pre>${block.text}</pre>`;
      case "quote":
        return `<quote>${html(block.blocks)}</quote>`;
      case "list":
        return block.items.map(({ value = "", blocks }) => `<li${value}>${html(blocks)}</li>`)
          .join("");
    }
  }).join("|");
}

function inlines(parts: Extract<Block, { kind: "text" }>["parts"]): string {
  return parts.map((part): string => {
    if (typeof part === "string") return part;
    if (part.kind === "code") return `<code>${part.text}</code>`;
    return `<${part.kind}>${inlines(part.parts)}</${part.kind}>`;
  }).join("");
}

/** Texts, and how they are read. */
const MARKED: Record<string, string> = {
  "a **b** *c* _d_ ~~e~~": "a <strong>b</strong> <em>c</em> <em>d</em> <del>e</del>",
  "**a _b_ c**": "<strong>a <em>b</em> c</strong>",
  "***a***": "<em><strong>a</strong></em>",
  "你好**世界**吗": "你好<strong>世界</strong>吗",
  "**two\nlines**": "<strong>two\nlines</strong>",
  "`a *b* <c>` and `` ` ``": "<code>a *b* <c></code> and <code>`</code>",
  "```js\na *b*\n  c\n```\nd": "<pre>a *b*\n  c</pre>|d",
  "> a\n> b\nc": "<quote>a\nb</quote>|c",
  "> > a\n> b": "<quote><quote>a</quote>|b</quote>",
  "- a\n- b\n  c\nd": "<li>a</li><li>b\nc</li>|d",
  "2. a\n3. b": "<li2>a</li><li3>b</li>",
  "to do:\n- **a**\n\n> b": "to do:|<li><strong>a</strong></li>|<quote>b</quote>",
};

/** Texts that stay as they are. */
const PLAIN = [
  ...["2*3*4", "2 * 3 * 4", "a*b*c", "snake_case_name", "5*(3+4)*2", "*", "** a **", "a `b", "_"],
  ...[
    "# a",
    "a\n---\nb",
    "---",
    "***",
    "===",
    "a\n\n\nb\n    c",
    "  \\\n /",
    "-",
    "- \n-",
    "+ 1\n+ 2",
  ],
  ...["<b>a</b>", "<!-- a -->", "&amp; &lt;", "\\*a\\*", "![a](b)", "[a](https://b.example)"],
  ...[
    "[a]: https://b.example\n[a]",
    "| a | b |\n|---|---|\n| c | d |",
    "<https://a.example>",
    "```",
  ],
  ...["https://a.example/_b/_c", "https://a.example/*b*", "a_b@c.example d_e@f.example"],
];

for (const [text, expected] of Object.entries(MARKED)) {
  Deno.test(`[U141] the marks in ${JSON.stringify(text)}`, () => {
    assertEquals(html(parseMarkdown(text)), expected);
  });
}

for (const text of PLAIN) {
  Deno.test(`[U142] ${JSON.stringify(text)} has no marks`, () => {
    assertEquals(html(parseMarkdown(text)), text);
  });
}

for (
  const part of [
    ...["*", "_", "~", "`", "[", ">", "> ", "- ", "1. ", "*a ", "a* ", "_a __b ", "**a ~~b ", "`a"],
    ...[
      "\n>",
      "\n- a",
      "\n> a",
      "![",
      "](",
      "<",
      "&",
      "\\",
      "#",
      "```\n",
      "**x** ",
      "\n\n",
      "> - ",
    ],
    "https://a.example/_",
  ]
) {
  Deno.test(`[U143] 8 KiB of ${JSON.stringify(part)} are read in time`, () => {
    const text = part.repeat(8_192 / part.length);
    const start = performance.now();

    parseMarkdown(text);

    assert(performance.now() - start < 300);
  });
}

Deno.test("[U144] a text without its marks", () => {
  markdown.value = parseMarkdown;
  const texts: Record<string, string> = {
    "**a** `b` ~~c~~": "a b c",
    "> a\n- *b*\n- c": "a\nb\nc",
    "```\na\n```": "a",
    "2*3*4": "2*3*4",
  };

  for (const [text, expected] of Object.entries(texts)) assertEquals(withoutMarks(text), expected);
});
