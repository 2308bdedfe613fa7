import { assertEquals } from "@std/assert";
import { parseLinks } from "../../client/ui/views/linkify.ts";

/** Texts, and the links in them. */
const TEXTS: Record<string, readonly string[]> = {
  // Names of files and words are not addresses.
  "read README.md, run deploy.sh, see example.com or foo.example/bar": [],
  "main.ts v1.2 node.js e.g. i.e. a.b.c 3.14 10.0.0.1": [],
  "https://README.md/": ["https://README.md/"],
  // Hosts.
  "http://localhost http://localhost:8000/x https://localhost?": [
    "http://localhost",
    "http://localhost:8000/x",
    "https://localhost",
  ],
  "http://intranet/ https://a http:// https:// https://. https://-": [],
  "http://127.0.0.1:8000/x http://[::1]:8000/ http://[::1]": [
    "http://127.0.0.1:8000/x",
    "http://[::1]:8000/",
    "http://[::1]",
  ],
  "http://999.1.1.1/ http://a.example:99999/ http://a.example:x/ http://[::x]/": [],
  "HTTPS://EXAMPLE.COM/Path https://münchen.example https://例え.テスト/パス": [
    "HTTPS://EXAMPLE.COM/Path",
    "https://münchen.example",
    "https://例え.テスト/パス",
  ],
  "www.example.com/a www.example www. www.example.co.uk:8080 WWW.Example.COM": [
    "www.example.com/a",
    "www.example.co.uk:8080",
    "WWW.Example.COM",
  ],
  "https://a.example:8443/x?y=1&z=%20#part": ["https://a.example:8443/x?y=1&z=%20#part"],
  // The authority is taken as a whole, or not at all.
  "https://bank.example@evil.example/ https://user:pw@host.example https://bank.example\\@evil.example":
    [],
  "https://bank.example%2eevil.example https://a..example": [],
  // Punctuation.
  "See https://a.example. Or https://a.example/b, https://a.example/c; 'https://a.example/d'!": [
    "https://a.example",
    "https://a.example/b",
    "https://a.example/c",
    "https://a.example/d",
  ],
  'Is it https://a.example? "https://a.example/b" <https://a.example/c> **https://a.example/d**…': [
    "https://a.example",
    "https://a.example/b",
    "https://a.example/c",
    "https://a.example/d",
  ],
  "https://a.example,https://b.example;https://c.example": [
    "https://a.example",
    "https://b.example",
    "https://c.example",
  ],
  "https://a.example/x?y=1,2;3!4": ["https://a.example/x?y=1,2;3!4"],
  // Brackets.
  "https://en.wikipedia.org/wiki/Halley_(crater)": [
    "https://en.wikipedia.org/wiki/Halley_(crater)",
  ],
  "(see https://en.wikipedia.org/wiki/Halley_(crater))": [
    "https://en.wikipedia.org/wiki/Halley_(crater)",
  ],
  "(https://a.example) [b](https://a.example/b) {https://a.example/c}.": [
    "https://a.example",
    "https://a.example/b",
    "https://a.example/c",
  ],
  "https://a.example/((b))) https://a.example/[c]] https://a.example/a(b.": [
    "https://a.example/((b))",
    "https://a.example/[c]",
    "https://a.example/a(b",
  ],
  // Chinese and Japanese, without spaces.
  "见https://a.example/路径。好（https://b.example/c）「https://d.example」": [
    "https://a.example/路径",
    "https://b.example/c",
    "https://d.example",
  ],
  // Invisible characters end an address.
  "https://a.example/\u202egpj.exe https://a.example\u200b/x": [
    "https://a.example/",
    "https://a.example",
  ],
  // Other schemes, and parts of words.
  "javascript:alert(1) data:text/html,x ftp://www.example.com //a.example xhttps://a.example": [],
  "file:///etc/passwd view:www.example.com": [],
  // Mail.
  "bob@a.example, (carol+x@mail.a.example). mailto:dave@a.example": [
    "bob@a.example",
    "carol+x@mail.a.example",
    "mailto:dave@a.example",
  ],
  "@alice alice@ alice@host a@b.c alice@@a.example": [],
};

for (const [text, links] of Object.entries(TEXTS)) {
  Deno.test(`[U72] the links in ${JSON.stringify(text)}`, () => {
    const parts = parseLinks(text);

    const found = parts.filter(({ href }) => href !== undefined);
    assertEquals(found.map(({ text }) => text), links);
    assertEquals(parts.map(({ text }) => text).join(""), text);
  });
}

Deno.test("[U140] the address of a link has a scheme, https for www.", () => {
  const hrefs = parseLinks("www.a.example/b https://a.example bob@a.example mailto:bob@a.example")
    .flatMap(({ href }) => href ?? []);

  assertEquals(hrefs, [
    ...["https://www.a.example/b", "https://a.example"],
    ...["mailto:bob@a.example", "mailto:bob@a.example"],
  ]);
});

for (const part of ["a", ")", "(", ".", "@", "a@", "www.", "https://", "a.", "//", "a.b@"]) {
  Deno.test(`[U72] a long text of ${part} is read in time`, () => {
    const start = performance.now();

    parseLinks(`https://a.example/${part.repeat(8_000)}`);
    parseLinks(part.repeat(8_000));

    assertEquals(performance.now() - start < 500, true);
  });
}
