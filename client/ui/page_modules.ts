import {
  batch,
  computed,
  effect,
  signal,
  untracked,
  useComputed,
  useSignal,
} from "@preact/signals";
import { useEffect, useId, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { Fragment, jsx, jsxs } from "preact/jsx-runtime";
import { findTransfer, queryOf, useTransfer } from "../comet/api.ts";
import { HalleyError, isFinal } from "../comet/halley_error.ts";
import { subjectOf } from "../comet/token_source.ts";
import { strings as chatStrings } from "./i18n/chat_strings.ts";
import { part } from "./i18n/dictionary.ts";
import { formatDateTime, formatShort, formatTime } from "./i18n/format_time.ts";
import { language, localeOf } from "./i18n/language.ts";
import { strings } from "./i18n/page_strings.ts";
import { Chat } from "./state/chat.ts";
import { History } from "./state/history.ts";
import { refusalText } from "./i18n/refusal_text.ts";
import {
  conversationOf,
  directAddress,
  kindOf,
  otherIn,
  ownTitle,
  parseRoom,
  roomName,
  shortAddress,
} from "./state/address.ts";
import { sentHeaders } from "./state/sent_headers.ts";
import { markUnread, unreadOf } from "./state/unread_marks.ts";
import {
  hasSingleKeys,
  notifying,
  permission,
  switchDesktop,
  switchSingleKeys,
  wantsDesktop,
} from "./state/settings.ts";
import { Avatar, CometLogo, ConversationAvatar } from "./views/avatars.tsx";
import { markOf, titleOf } from "./views/conversation_title.ts";
import { closeDialog, Dialog } from "./views/dialog.tsx";
import { Icon, PathIcon } from "./views/icons.tsx";
import { NameMark } from "./views/person_name.tsx";
import { openJump } from "./views/search_part.tsx";
import { Choice, Switch } from "./views/settings_menu.tsx";
import { showMessage } from "./views/show_message.ts";
import { UnreadCount } from "./views/unread_count.tsx";
import { copyText } from "./views/message_actions.tsx";

/**
 * What the page shares with its parts that are loaded later, by the module that it is imported from: see
 * `client/widget/chat/shared.ts`.
 */
export const shared = {
  "@preact/signals": { batch, computed, effect, signal, untracked, useComputed, useSignal },
  "preact/hooks": { useEffect, useId, useLayoutEffect, useMemo, useRef },
  "preact/jsx-runtime": { Fragment, jsx, jsxs },
  "api.ts": { findTransfer, queryOf, useTransfer },
  "halley_error.ts": { HalleyError, isFinal },
  "token_source.ts": { subjectOf },
  "chat_strings.ts": { strings: chatStrings },
  "dictionary.ts": { part },
  "format_time.ts": { formatDateTime, formatShort, formatTime },
  "language.ts": { language, localeOf },
  "page_strings.ts": { strings },
  "sent_headers.ts": { sentHeaders },
  "state/chat.ts": { Chat },
  "state/history.ts": { History },
  "refusal_text.ts": { refusalText },
  "state/address.ts": {
    conversationOf,
    directAddress,
    kindOf,
    otherIn,
    ownTitle,
    parseRoom,
    roomName,
    shortAddress,
  },
  "state/settings.ts": {
    hasSingleKeys,
    notifying,
    permission,
    switchDesktop,
    switchSingleKeys,
    wantsDesktop,
  },
  "avatars.tsx": { Avatar, CometLogo, ConversationAvatar },
  "conversation_title.ts": { markOf, titleOf },
  "icons.tsx": { Icon, PathIcon },
  "show_message.ts": { showMessage },
  "dialog.tsx": { closeDialog, Dialog },
  "person_name.tsx": { NameMark },
  "settings_menu.tsx": { Choice, Switch },
  "search_part.tsx": { openJump },
  "unread_marks.ts": { markUnread, unreadOf },
  "unread_count.tsx": { UnreadCount },
  "message_actions.tsx": { copyText },
};
