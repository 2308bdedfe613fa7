/**
 * Shows the theme that was chosen before anything is painted: a script of its own, for which the page waits.
 *
 * @module
 */
import { keptTheme, showTheme } from "../state/theme.ts";

showTheme(keptTheme.read() ?? "system");
