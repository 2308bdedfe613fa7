import { useSignal } from "@preact/signals";
import type { OptionsProps } from "../finding/options.tsx";
import { useEffect } from "preact/hooks";
import { strings } from "../i18n/page_strings.ts";
import type { Conversation } from "../state/conversation.ts";
import type { PageState } from "../state/page_state.ts";
import { useDisclosure } from "./disclosure.ts";
import { finding } from "./finding_part.ts";
import { PathIcon } from "./icons.tsx";
import { PAGE_PATHS } from "./page_icons.ts";

const MENU = "conversation-options";

interface ConversationMenuProps {
  readonly page: PageState;
  readonly conversation: Conversation;
}

/** The button in the header of a conversation, and its options. */
export function ConversationMenu({ page, conversation }: ConversationMenuProps) {
  const { frame, button, isOpen, closeOnEscape } = useDisclosure();
  const { conversationOptions } = strings.value;
  const onDone = () => {
    isOpen.value = false;
    // A dialog returns the focus there.
    button.current?.focus();
  };
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
        {isOpen.value && <LoadedOptions page={page} conversation={conversation} onDone={onDone} />}
      </div>
    </div>
  );
}

/** The options of a conversation of the list, where its context menu was asked for. */
export function ListedMenu({ page }: Pick<ConversationMenuProps, "page">) {
  const opened = page.menu.value;
  useEffect(() => {
    if (opened) finding.load();
  }, [opened]);
  const Menu = finding.value?.ListedMenu;
  return opened && Menu ? <Menu page={page} {...opened} /> : null;
}

/** The options, which are loaded when somebody opens them. */
function LoadedOptions(props: OptionsProps) {
  const hasFailed = useSignal(false);
  useEffect(() => {
    finding.load().then((part) => hasFailed.value = !part);
  }, []);
  const { loading, serverUnreachable } = strings.value;
  return finding.value
    ? <finding.value.Options {...props} />
    : <p class="hint" role="status">{hasFailed.value ? serverUnreachable : loading}</p>;
}
