/**
 * The part of the widget's chat that nobody needs before they can type: `/widget-more.js`. It shares modules with the
 * chat, which loads it: see `shared.ts` there.
 *
 * @module
 */
export { openSharedReader } from "../../comet/cross_tab/shared_reader.ts";
export { AwayForm, AwayNotice, isAway } from "./away_form.tsx";
export { isOriginBlocked } from "./blocked_origin.ts";
export { explainProblem } from "./explain_problem.ts";
export { FileTools } from "./file_tools.tsx";
export { NoticeCards } from "./notice_cards.tsx";
export { closeOnBack, countInTitle } from "./page_effects.ts";
export { refusalWords, wordsOf } from "./refusal_words.ts";
export { SignOut } from "./sign_out.tsx";
export { Preview } from "./preview.tsx";
export { Subtitle } from "./subtitle.tsx";
export { startTools } from "./tools.tsx";
export { openOutbox } from "./unsent_files.ts";
// @ts-ignore: `deno task build` makes this text from more_sheet.css.
export { default as css } from "../../../static/built/widget-more.css" with { type: "text" };
