/**
 * Dialogs with the ways to a conversation, and the options of one: `/built/page-finding.js`, which the page loads when somebody wants one.
 *
 * @module
 */
export { KeysDialog } from "./keys_dialog.tsx";
export { ListedMenu, Options } from "./options.tsx";
export { Switcher } from "./switcher.tsx";
