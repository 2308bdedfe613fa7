/**
 * What must happen before the first paint, and what is requested before the page's own script is loaded. A script of its
 * own, because it blocks the page.
 *
 * @module
 */
import { applyTheme, storedTheme } from "../state/theme.ts";
import { sendEarlyRequests } from "./early_requests.ts";
import { requestLanguage } from "./first_language.ts";
import { showFirstMessages } from "./first_messages.ts";

applyTheme(storedTheme.read() ?? "system");
requestLanguage();
try {
  if (sendEarlyRequests(showFirstMessages)) document.documentElement.dataset.opening = "chat";
} catch {
  // Whatever is stored there: the page asks itself.
}
