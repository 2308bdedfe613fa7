import { useSignal } from "@preact/signals";
import { strings } from "../i18n/page_strings.ts";
import type { Conversation } from "../state/conversation.ts";
import { type ConversationSettings, notifyOf } from "../state/conversation_settings.ts";
import type { PageState } from "../state/page_state.ts";
import { useDisclosure } from "./disclosure.ts";
import { PathIcon } from "./icons.tsx";
import { PAGE_PATHS } from "./page_icons.ts";
import { openJump } from "./search_part.tsx";
import { Choice, Switch } from "./settings_menu.tsx";

const MENU = "conversation-options";

interface ConversationMenuProps {
  readonly page: PageState;
  readonly conversation: Conversation;
}

/** What the user is notified of in a conversation, whether it stands first in the list, and the way to a date. */
export function ConversationMenu({ page, conversation }: ConversationMenuProps) {
  const { frame, button, isOpen, closeOnEscape } = useDisclosure();
  const hasFailed = useSignal(false);
  const { kind } = conversation;
  const settings = conversation.settings.value;
  const change = async (changed: ConversationSettings) => {
    hasFailed.value = false;
    hasFailed.value = !await page.configure(conversation, changed);
  };
  const { conversationOptions, pin, notifyMe, notify, settingsFailed, jumpToDate } = strings.value;
  return (
    <div ref={frame} class="conversation-menu" onKeyDown={closeOnEscape}>
      <button
        ref={button}
        type="button"
        class="quiet"
        aria-label={conversationOptions}
        aria-expanded={isOpen.value}
        aria-controls={MENU}
        onClick={() => isOpen.value = !isOpen.value}
      >
        <PathIcon path={PAGE_PATHS.options} />
      </button>
      <div
        id={MENU}
        class="menu"
        hidden={!isOpen.value}
        role="dialog"
        aria-label={conversationOptions}
      >
        <Choice
          name={MENU}
          label={notifyMe}
          // Elsewhere, all messages are meant for the user.
          options={kind === "room"
            ? ["all", "mentions", "none"] as const
            : ["all", "none"] as const}
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
        <button
          type="button"
          class="menu-item"
          onClick={() => {
            isOpen.value = false;
            // A dialog returns the focus there.
            button.current?.focus();
            openJump(page);
          }}
        >
          {jumpToDate}
        </button>
        {hasFailed.value && <p class="error-line" role="alert">{settingsFailed}</p>}
        <LeaveButton page={page} conversation={conversation} />
      </div>
    </div>
  );
}

function LeaveButton({ page, conversation }: ConversationMenuProps) {
  const { chat } = page;
  if (chat.conversations.isHome(conversation) || chat.isReadByPattern(conversation.channel)) {
    return null;
  }
  const { leaveRoom, closeConversation } = strings.value;
  return (
    <button type="button" class="secondary" onClick={() => page.leave(conversation)}>
      {conversation.kind === "room" ? leaveRoom : closeConversation}
    </button>
  );
}
