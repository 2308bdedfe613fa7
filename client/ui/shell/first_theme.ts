/**
 * Shows the theme that was chosen before anything is painted: a script of its own, for which the page waits.
 *
 * @module
 */
import { keptTheme, showTheme } from "./theme.ts";

showTheme(keptTheme.read() ?? "system");
