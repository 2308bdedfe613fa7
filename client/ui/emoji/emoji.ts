/**
 * The emoji picker and the search by name: `/built/page-emoji.js`, which the page loads when somebody wants an emoji.
 *
 * @module
 */
export { EmojiGrid } from "./emoji_grid.tsx";
export { findEmoji } from "./emoji_data.ts";
