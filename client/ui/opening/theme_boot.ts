/**
 * Applies the stored theme before the first paint. A script of its own, because it blocks the page.
 *
 * @module
 */
import { applyTheme, storedTheme } from "../state/theme.ts";

applyTheme(storedTheme.read() ?? "system");
