/**
 * What can be done with an identity: `/built/page-account.js`, which the page loads when somebody wants it.
 *
 * @module
 */
export { ArrivalView } from "./arrival_view.tsx";
export { MoveDialog } from "./move_dialog.tsx";
export { RenameDialog } from "./rename_dialog.tsx";
export { UnsentTexts } from "./unsent_texts.tsx";
