/**
 * The search for messages, and the way to a date: `/built/page-search.js`, which the page loads when somebody wants one.
 *
 * @module
 */
export { JumpDialog } from "./jump_dialog.tsx";
export { SearchPanel } from "./search_panel.tsx";
