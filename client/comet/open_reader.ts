import type { CometClientOptions } from "./client_options.ts";
import { groupName } from "./cross_tab/group_name.ts";
import { pageState } from "./page_lifecycle.ts";
import { PollLoop } from "./poll_loop.ts";
import { randomKeyFrom } from "./random_key.ts";
import type { Reader, ReaderOptions } from "./reader.ts";
import { sharing } from "./sharing.ts";
import { OwnTurns } from "./turns.ts";

const UNNAMED_USER = "Halley: set `user` or `data-user` to share polls";

/** Opens the reader of a client: alone, or together with other tabs. */
export function openReader(
  { url, privateToken, getToken, user, tab, share }: CometClientOptions,
  options: ReaderOptions,
): Reader {
  const { platform } = options;
  // Tokens of an application change; the user stays the same.
  const owner = getToken ? user : privateToken;
  const canJoin = (share ?? tab === undefined) && platform.document !== undefined;
  if (canJoin && getToken && user === undefined) console.warn(UNNAMED_USER);
  const openAlone = () =>
    new PollLoop({
      ...options,
      tab: tab ?? randomKeyFrom(platform),
      turns: new OwnTurns(platform),
      presence: () => pageState(platform),
      onReply: (reply, { channels }) => {
        options.onPolled(channels, reply.refused);
        options.onUpdate(reply);
      },
    });
  if (!canJoin || owner === undefined || !sharing.open) return openAlone();
  return sharing.open({ group: groupName({ url, owner }), options, openAlone });
}
