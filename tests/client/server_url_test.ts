import { assertEquals, assertThrows } from "@std/assert";
import { CometClient, signIn } from "../../client/comet/halley.ts";
import { serverUrl } from "../../client/comet/server_url.ts";

Deno.test("[C57] an address with a query, a fragment or a password is refused", () => {
  for (
    const url of [
      "https://h.example/?a",
      "https://h.example?",
      "https://h.example/#a",
      "https://h.example#",
      "https://a:b@h.example/",
      "https://a@h.example",
      new URL("https://a:b@h.example/"),
    ]
  ) {
    const error = assertThrows(() => new CometClient({ url }), TypeError, "`url` must be");
    assertEquals(error.message.includes("a:b"), false);
  }
});

/** Not addresses of HTTP servers, inside of pages or outside. */
const NO_ADDRESSES: readonly unknown[] = [
  "ftp://h.example",
  "ws://h.example/",
  "file:///etc",
  "javascript:alert(1)",
  "data:text/html,x",
  "blob:https://h.example/1",
  "mailto:a@h.example",
  "localhost:8000",
  "//h.example",
  "///h.example",
  "https:h.example",
  "https:/h.example",
  "https:///h.example",
  "https://",
  "http://h.example:99999",
  "http://[::1",
  "http://h.ex ample",
  " http://h.example",
  "http://h.example/a b",
  "http://h.example\n",
  "http:\\\\h.example",
  "http://a:b@h.ex ample",
  "http://%",
  new URL("ftp://h.example"),
  undefined,
  null,
  8000,
  {},
];

const RELATIVE = ["", "/", "/chat", "chat", ".", "h.example", "#a", "?a"];

Deno.test("[C65] what is no http or https address, or is relative outside of pages, is refused", async () => {
  for (const value of [...NO_ADDRESSES, ...RELATIVE]) {
    const url = value as string;
    const error = assertThrows(() => new CometClient({ url }), TypeError, "`url` must be");
    assertEquals(error.message.includes("a:b"), false, error.message);
  }
  const rejection = await signIn({ url: "ftp://h.example", displayName: "alice" })
    .catch((error) => error);
  assertEquals(
    rejection.message,
    "`url` must be an http or https address without a query, a fragment or a password" +
      ': it is "ftp://h.example"',
  );
});

Deno.test("[C65] in a page, an address can be relative, and the others are refused, too", () => {
  using _ = inPage("https://page.example/shop/cart.html");

  for (const value of NO_ADDRESSES) assertThrows(() => serverUrl(value as string), TypeError);
  const addresses = ["", "/", "/chat", "chat", "chat/", ".", "HTTPS://PAGE.example/chat//"];
  assertEquals(addresses.map((url) => serverUrl(url)), [
    "https://page.example/",
    "https://page.example/",
    "https://page.example/chat/",
    "https://page.example/shop/chat/",
    "https://page.example/shop/chat/",
    "https://page.example/shop/",
    "https://page.example/chat/",
  ]);
});

Deno.test("[C65] in a page without an address of its own, a relative one is refused", () => {
  for (const base of ["about:blank", "data:text/html,x", "file:///home/alice/page.html"]) {
    using _ = inPage(base);
    assertThrows(() => serverUrl("/chat"), TypeError);
    assertEquals(serverUrl("https://h.example"), "https://h.example/");
  }
});

function inPage(baseURI: string): Disposable {
  Object.defineProperty(globalThis, "document", { value: { baseURI }, configurable: true });
  return { [Symbol.dispose]: () => void Reflect.deleteProperty(globalThis, "document") };
}
