import { useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { strings } from "../i18n/page_strings.ts";
import type { Conversation } from "../state/conversation.ts";
import { type ConversationSettings, notifyOf } from "../state/conversation_settings.ts";
import type { PageState } from "../state/page_state.ts";
import { markUnread, unreadOf } from "../state/unread_marks.ts";
import { titleOf } from "../views/conversation_title.ts";
import { closeDialog } from "../views/dialog.tsx";
import { openJump } from "../views/search_part.tsx";
import { Choice, Switch } from "../views/settings_menu.tsx";

interface ListedMenuProps {
  readonly page: PageState;
  readonly conversation: Conversation;
  /** Where it is asked for, in px of the window. */
  readonly x: number;
  readonly y: number;
}

/** The options of a conversation of the list. */
export function ListedMenu({ page, conversation, x, y }: ListedMenuProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="menu-frame"
      aria-label={titleOf(conversation)}
      style={`--x:${x}px;--y:${y}px`}
      onClose={() => page.menu.value = undefined}
      onKeyDown={(event) => event.stopPropagation()}
      onClick={(event) => event.target === dialog.current && closeDialog(event)}
    >
      <div class="menu">
        <Options
          page={page}
          conversation={conversation}
          onDone={() => dialog.current?.close()}
        />
      </div>
    </dialog>
  );
}

export interface OptionsProps {
  readonly page: PageState;
  readonly conversation: Conversation;
  /** Called before what leads elsewhere. */
  readonly onDone: () => void;
}

/**
 * What the user is notified of in a conversation, whether it is read, whether it stands first in the list, and the way to a
 * date.
 */
export function Options({ page, conversation, onDone }: OptionsProps) {
  const hasFailed = useSignal(false);
  const { kind, last, channel } = conversation;
  const { chat } = page;
  const settings = conversation.settings.value;
  const change = async (changed: ConversationSettings) => {
    hasFailed.value = false;
    hasFailed.value = !await page.configure(conversation, changed);
  };
  const { pin, notifyMe, notify, settingsFailed, jumpToDate } = strings.value;
  const isUnread = unreadOf(conversation) > 0;
  const newest = last.value;
  return (
    <>
      <Choice
        name={useId()}
        label={notifyMe}
        // Elsewhere, all messages are meant for the user.
        options={kind === "room" ? ["all", "mentions", "none"] as const : ["all", "none"] as const}
        chosen={notifyOf(kind, settings)}
        onChoose={(notify) => change({ notify })}
      >
        {(option) => notify[option]}
      </Choice>
      <Switch
        isOn={settings.pinned ?? false}
        onSwitch={() => change({ pinned: !settings.pinned })}
      >
        {pin}
      </Switch>
      {newest && !chat.isReadByPattern(channel) && (
        <button
          type="button"
          class="menu-item"
          onClick={() => {
            onDone();
            if (isUnread) page.markRead(conversation);
            else markUnread(conversation, newest);
          }}
        >
          {isUnread ? strings.value.markRead : strings.value.markUnread}
        </button>
      )}
      <button
        type="button"
        class="menu-item"
        onClick={() => {
          onDone();
          page.select(conversation);
          openJump(page);
        }}
      >
        {jumpToDate}
      </button>
      {hasFailed.value && <p class="error-line" role="alert">{settingsFailed}</p>}
      <LeaveButton page={page} conversation={conversation} onDone={onDone} />
    </>
  );
}

function LeaveButton({ page, conversation, onDone }: OptionsProps) {
  const { chat } = page;
  if (chat.conversations.isHome(conversation) || chat.isReadByPattern(conversation.channel)) {
    return null;
  }
  const { leaveRoom, closeConversation } = strings.value;
  const leave = () => {
    onDone();
    page.leave(conversation);
  };
  return (
    <button type="button" class="menu-item" onClick={leave}>
      {conversation.kind === "room" ? leaveRoom : closeConversation}
    </button>
  );
}
