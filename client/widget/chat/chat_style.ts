import base from "../../../static/styles/base.css" with { type: "text" };
import controls from "../../../static/styles/controls.css" with { type: "text" };
import messages from "../../../static/styles/messages.css" with { type: "text" };
import message from "../../../static/styles/message.css" with { type: "text" };
import composer from "../../../static/styles/composer.css" with { type: "text" };
import { sheetOf } from "../sheet.ts";
import chat from "./chat.css" with { type: "text" };

/** The page's own style sheets, as far as what they are about is in the chat. */
const SHARED = [base, controls, messages, message, composer].map(inPanel);

/** The style of the chat. */
export function chatSheet(rem: number): CSSStyleSheet {
  return sheetOf([...SHARED, chat].join("\n"), rem);
}

/** What is said of the document and its window, said of the widget and its panel. */
function inPanel(css: string): string {
  return css
    .replaceAll(":root", ".widget")
    .replace(/@media\s*\((?=width|height|inline-size|block-size)/g, "@container (")
    .replace(/(?<=\d)[dsl]?v([wh])\b/g, "cq$1");
}
