/**
 * The part of the widget's chat that nobody needs before they can type: `/widget-more.js`. It shares modules with the
 * chat, which loads it: see `shared.ts` there.
 *
 * @module
 */
export { openSharedReader } from "../../comet/cross_tab/shared_reader.ts";
export { OutboxDatabase } from "../../ui/storage/outbox_database.ts";
export { NoticeCards } from "./notice_cards.tsx";
export { startTools } from "./tools.tsx";
// @ts-ignore: `deno task build` makes this text from more_sheet.css.
export { default as css } from "../../../static/built/widget-more.css" with { type: "text" };
