/**
 * A small chat for any page: `/widget.js`. See docs/WIDGET.md.
 *
 * @module
 */
import { HalleyWidget } from "./halley_widget.ts";
import { ownScript, readOptions, type WidgetOptions } from "./options.ts";

const NAME = "halley-widget";

// Only during its first run can a script find its own tag.
const script = ownScript();
if (script) whenParsed(() => addWidget(readOptions(script)));

function addWidget(options: WidgetOptions): void {
  if (customElements.get(NAME)) {
    return console.warn(`Halley: ignored a second widget, room ${options.room}`);
  }
  customElements.define(NAME, HalleyWidget);
  // Outside the body, which the page may replace, hide or transform.
  document.documentElement.append(new HalleyWidget(options));
}

function whenParsed(action: () => void): void {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", action);
  else action();
}
