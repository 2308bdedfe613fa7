import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { RemoteChat } from "../support/remote_chat.ts";
import { withShop } from "./shop.ts";
import { assertSoon } from "./assert_soon.ts";
import { WidgetPage } from "./widget_page.ts";

/** Styles that break everything on a page that they reach. */
const AGGRESSIVE = `<style>
  :root { font-size: 40px; --ink: red; --surface: lime; --line: red; --space: 9rem; line-height: 3; }
  * { all: unset !important; color: magenta !important; font: italic 90px fantasy !important;
    letter-spacing: 1em !important; --ink: red !important; animation: shake 1s infinite !important; }
  div, section, svg, aside { display: none !important; }
  body { transform: scale(0.5) !important; filter: blur(2px); }
  button { background: red !important; width: 500px !important; }
  halley-widget, halley-widget * { display: none !important; opacity: 0 !important; position: static !important;
    visibility: hidden !important; zoom: 3 !important; inset: 50px !important; z-index: -5 !important; }
  #wall { display: block !important; position: fixed !important; inset: 0 !important; z-index: 2147483647 !important; }
  @keyframes shake { 50% { translate: 40px 0; } }
</style>`;

type Rendering = readonly (readonly [element: string, properties: Record<string, string>])[];

/** The computed style and the position of each element of the widget. */
async function renderingOf({ page }: WidgetPage): Promise<Rendering> {
  return await page.evaluate(() => {
    const inside = document.querySelector("halley-widget")?.shadowRoot?.querySelectorAll("*");
    return [...inside ?? []].map((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      const values = [...style].map((name) => [name, style.getPropertyValue(name)]);
      const name = `${element.tagName} ${element.getAttribute("class")}`;
      return [name, { box: [x, y, width, height].join(), ...Object.fromEntries(values) }] as const;
    });
  });
}

/** The properties in which two widgets differ. */
function differences(one: Rendering, other: Rendering): string[] {
  return one.flatMap(([element, properties], n) => {
    const others: Record<string, string> = other[n]?.[1] ?? {};
    return Object.entries(properties).filter(([name, value]) => others[name] !== value)
      .map(([name, value]) => `${element}: ${name} is ${others[name]} and not ${value}`);
  });
}

Deno.test(
  "[T10] no style of the page affects the widget, which is above everything else",
  withShop(async (chat, shop) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    await bob.say("room:support", "How can I help?");
    const open = async (head: string) => {
      const url = shop.page(chat, `data-name="alice"`, { head });
      const alice = new WidgetPage(await chat.openPage(url, { reducedMotion: "reduce" }));
      await alice.page.evaluate(() => {
        document.body.append(Object.assign(document.createElement("p"), { id: "wall" }));
      });
      await alice.launcher.click();
      await alice.sees("How can I help?");
      await alice.panel.locator('.connection[data-state="connected"]').waitFor();
      await alice.page.mouse.move(2, 2);
      return alice;
    };

    const [plain, aggressive] = [await open(""), await open(AGGRESSIVE)];

    await assertSoon(async () => (await renderingOf(plain)).length > 30, true);
    await assertSoon(
      async () => differences(await renderingOf(plain), await renderingOf(aggressive)),
      [],
    );
    await aggressive.say("The button works, too.");
    await aggressive.sees("How can I help?", "The button works, too.");
  }),
);

Deno.test(
  "[T10] on a page with `zoom`, the whole panel is on the screen",
  withShop(async (chat, shop) => {
    for (const viewport of [{ width: 900, height: 600 }, { width: 500, height: 500 }]) {
      const head = "<style>html { zoom: 1.5 }</style>";
      const url = shop.page(chat, "", { head });
      const alice = new WidgetPage(await chat.openPage(url, { viewport, reducedMotion: "reduce" }));

      await alice.launcher.click();
      await alice.nameField.waitFor();

      const { x, y, width, height } = await alice.panel.boundingBox() ?? assert();
      assertEquals(
        [x >= 0, y >= 0, x + width <= viewport.width, y + height <= viewport.height],
        [true, true, true, true],
        JSON.stringify({ x, y, width, height }),
      );
    }
  }),
);

function assert(): never {
  throw new Error("The panel is not visible");
}

/** The rendering and the globals of the page, without the widget and its script. */
async function pageState(page: Page): Promise<unknown> {
  return await page.evaluate(() => ({
    elements: [...document.querySelectorAll("*")].filter(({ tagName }) =>
      tagName !== "HALLEY-WIDGET"
    )
      .map((element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        const style = [...getComputedStyle(element)].map((name) =>
          getComputedStyle(element).getPropertyValue(name)
        );
        return [
          element.outerHTML.replace(/<script.*<\/script>|<halley.*<\/halley-widget>/g, ""),
          x,
          y,
          width,
          height,
          ...style,
        ].join();
      }),
    globals: Object.keys(globalThis).filter((key) =>
      !/^(executed|reportViolation|__playwright.*)$/.test(key)
    ),
    sheets: document.styleSheets.length + document.adoptedStyleSheets.length,
    size: [document.documentElement.scrollWidth, document.documentElement.scrollHeight],
  }));
}

Deno.test(
  "[T11] the widget affects nothing on the page, but for one element",
  withShop(async (chat, shop) => {
    const url = shop.page(chat, `data-name="alice"`);
    const without = await chat.browser.newPage({ locale: "en-US" });
    await without.route("**/widget.js", (route) => route.fulfill({ body: "" }));
    await without.goto(url);
    const expected = await pageState(without);

    const alice = new WidgetPage(await chat.openPage(url));
    await alice.launcher.click();
    await alice.composer.waitFor();
    await alice.say("hello");
    await alice.sees("hello");

    await assertSoon(() => pageState(alice.page), expected);
    await alice.widget.evaluate((widget) => widget.remove());
    await assertSoon(() => pageState(alice.page), expected);
    await without.close();
  }),
);

Deno.test(
  "[T12] the widget works under a policy that allows only the server's scripts and connections",
  withShop(async (chat, shop) => {
    const policy =
      `default-src 'none'; img-src data:; script-src ${chat.url}; connect-src ${chat.url}; ` +
      "require-trusted-types-for 'script'";
    const alice = new WidgetPage(await chat.openPage(shop.page(chat, "", { policy })));

    await alice.enter("alice");
    await alice.say("hello");

    await alice.sees("hello");
    const size = () =>
      alice.panel.evaluate((panel: HTMLElement) => [panel.offsetWidth, panel.offsetHeight]);
    await assertSoon(() => size(), [370, 560]);
  }),
);

for (const how of ["", "async", "defer", `type="module"`]) {
  Deno.test(
    `[T13] a script that is loaded twice, ${how || "blocking"}, adds one widget`,
    withShop(async (chat, shop) => {
      const head =
        `<script src="${chat.url}/widget.js" data-room="first" data-title="First" ${how}></script>`;
      chat.errors.expect("widget");
      const page = await chat.openPage("about:blank");
      const said: string[] = [];
      page.on("console", (message) => said.push(message.text()));
      await page.goto(shop.page(chat, `data-title="Second" ${how}`, { head }));
      const alice = new WidgetPage(page);

      await alice.launcher.click();
      await alice.panel.waitFor();

      await assertSoon(() => alice.widget.count(), 1);
      const isTold = () =>
        said.some((line) => /ignored a second widget, room (first|support)/.test(line));
      // A module runs once.
      await assertSoon(() => Promise.resolve(isTold()), how !== `type="module"`);
      await assertSoon(
        () => page.evaluate(() => document.documentElement.lastElementChild?.tagName),
        "HALLEY-WIDGET",
      );
      await assertSoon(
        async () =>
          ["First", "Second"].includes(await alice.panel.getAttribute("aria-label") ?? ""),
        true,
      );
    }),
  );
}
