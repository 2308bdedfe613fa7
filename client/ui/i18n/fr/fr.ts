import type { Dictionary } from "../dictionary.ts";
import { account } from "./account.ts";
import { chat } from "./chat.ts";
import { emoji } from "./emoji.ts";
import { files } from "./files.ts";
import { finding } from "./finding.ts";
import { launcher } from "./launcher.ts";
import { page } from "./page.ts";
import { push } from "./push.ts";
import { search } from "./search.ts";
import { tools } from "./tools.ts";
import { widget } from "./widget.ts";

/** All sentences of the page and the widget, in French. */
export const fr: Dictionary = {
  name: "Français",
  sentences: { account, chat, emoji, files, finding, launcher, page, push, search, tools, widget },
};
