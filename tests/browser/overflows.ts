import type { ChatPage } from "./chat_page.ts";

/** The visible elements that are partly outside the viewport or scroll horizontally, by tag and class. */
export function overflows({ page }: ChatPage): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("html, body *:not(svg *)")]
      .filter((element) => element.checkVisibility())
      .filter((element) => {
        const { left, right } = element.getBoundingClientRect();
        const isScrollable = element.scrollWidth > element.clientWidth + 1 &&
          /auto|scroll/.test(getComputedStyle(element).overflowX);
        return isScrollable || left < -0.5 || right > innerWidth + 0.5;
      }).map((element) => `${element.tagName} ${element.className}`)
  );
}
