// @ts-ignore: The build makes this text, of chat_sheet.css.
import shared from "../../../static/built/widget-chat.css" with { type: "text" };
// @ts-ignore: The build makes this text, of chat.css.
import chat from "../../../static/built/widget-panel.css" with { type: "text" };
import { sheetOf } from "../sheet.ts";

/** The style of the chat. */
export function chatSheet(rem: number): CSSStyleSheet {
  return sheetOf(inPanel(shared) + chat, rem);
}

/** What is said of the document and its window, said of the widget and its panel. */
function inPanel(css: string): string {
  return css.replaceAll(":root", ".widget").replace(/(?<=\d)[dsl]?v([wh])\b/g, "cq$1");
}
