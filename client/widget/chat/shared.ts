import { batch, computed, effect, signal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { Fragment, jsx, jsxs } from "preact/jsx-runtime";
import { HalleyError, isFinal, retryAfterOf } from "../../comet/halley_error.ts";
import { PollLoop } from "../../comet/poll_loop.ts";
import { strings } from "../../ui/i18n/chat_strings.ts";
import { logRefusal, refusals } from "../../ui/i18n/refusals.ts";
import { part } from "../../ui/i18n/dictionary.ts";
import { language, localeOf } from "../../ui/i18n/language.ts";
import { clockOffset } from "../../ui/state/clock_offset.ts";
import { pictures } from "../../ui/views/avatars.tsx";
import { Icon, PathIcon } from "../../ui/views/icons.tsx";
import { MessageItem, messageTools } from "../../ui/views/message_item.tsx";
import { DRAWN_LENGTH, MessageText, richViews } from "../../ui/views/message_text.tsx";

/**
 * What the chat shares with `/widget-more.js`, by the module that it is imported from: state and components must not
 * exist twice. The build (`client/build.ts`) replaces these imports there. A name that is missing here is undefined there.
 */
export const shared = {
  "@preact/signals": { batch, computed, effect, signal, useComputed, useSignal },
  "preact/hooks": { useEffect, useLayoutEffect, useMemo, useRef },
  "preact/jsx-runtime": { Fragment, jsx, jsxs },
  "halley_error.ts": { HalleyError, isFinal, retryAfterOf },
  "poll_loop.ts": { PollLoop },
  "chat_strings.ts": { strings },
  "refusals.ts": { logRefusal, refusals },
  "dictionary.ts": { part },
  "language.ts": { language, localeOf },
  "clock_offset.ts": { clockOffset },
  "avatars.tsx": { pictures },
  "icons.tsx": { Icon, PathIcon },
  "message_text.tsx": { DRAWN_LENGTH, MessageText, richViews },
  "message_item.tsx": { MessageItem, messageTools },
};
