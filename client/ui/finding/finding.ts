/**
 * Dialogs with the ways to a conversation: `/built/page-finding.js`, which the page loads when somebody wants one.
 *
 * @module
 */
export { KeysDialog } from "./keys_dialog.tsx";
export { Switcher } from "./switcher.tsx";
