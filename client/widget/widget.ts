/**
 * A small chat on somebody's page: `/widget.js`. See docs/WIDGET.md.
 *
 * @module
 */
import { HalleyWidget } from "./halley_widget.ts";
import { ownScript, readOptions, type WidgetOptions } from "./options.ts";

const NAME = "halley-widget";

// While the script runs, it can be known which one it is.
const script = ownScript();
if (script) whenParsed(() => put(readOptions(script)));

/** A page that loads the script again keeps the widget that it has. */
function put(options: WidgetOptions): void {
  if (customElements.get(NAME)) return;
  customElements.define(NAME, HalleyWidget);
  // Beside the body, which may be exchanged, hidden, or moved by a transformation.
  document.documentElement.append(new HalleyWidget(options));
}

function whenParsed(act: () => void): void {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", act);
  else act();
}
