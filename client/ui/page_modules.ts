import { computed, signal, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Fragment, jsx, jsxs } from "preact/jsx-runtime";
import { language } from "./i18n/language.ts";
import { Avatar } from "./views/avatars.tsx";
import { copyText } from "./views/message_actions.tsx";

/**
 * What the page shares with its parts that are loaded later, by the module that it is imported from: see
 * `client/widget/chat/shared.ts`.
 */
export const shared = {
  "@preact/signals": { computed, signal, useSignal },
  "preact/hooks": { useEffect, useLayoutEffect, useRef },
  "preact/jsx-runtime": { Fragment, jsx, jsxs },
  "language.ts": { language },
  "avatars.tsx": { Avatar },
  "message_actions.tsx": { copyText },
};
