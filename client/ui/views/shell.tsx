import { useEffect, useMemo } from "preact/hooks";
import { NOTICES } from "../state/address.ts";
import type { Chat } from "../state/chat.ts";
import { Attention } from "../notifications/attention.ts";
import { NoticePopups } from "../notifications/notice_popups.tsx";
import { showBadge } from "../notifications/page_badge.ts";

export { SettingsMenu } from "./settings_menu.tsx";

/** What stands around a chat: popups of notices, what is told while nobody looks, and the badge of the page. */
export function Shell({ chat }: { readonly chat: Chat }) {
  const attention = useMemo(() => new Attention(chat), [chat]);
  useEffect(() => () => attention[Symbol.dispose](), [attention]);
  useEffect(() => showBadge(chat), [chat]);
  const { selected } = chat.conversations;
  useEffect(() => {
    if (selected.value?.kind === "notices") attention.popups.dismissAll();
  }, [attention, selected.value]);

  const openNotices = () => {
    chat.go(NOTICES);
    attention.popups.dismissAll();
  };
  return <NoticePopups popups={attention.popups} onOpen={openNotices} />;
}
