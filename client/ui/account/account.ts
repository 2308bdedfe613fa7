/**
 * What can be done with an identity: `/built/page-account.js`, which the page loads when somebody wants it.
 *
 * @module
 */
export { UnsentTexts } from "./unsent_texts.tsx";
