import type { PollReply } from "../../server/protocol/replies.ts";
import { eventually } from "./eventually.ts";
import type { RemoteVoice } from "./remote_chat.ts";

/** Starts a poll of a room that nobody else reads, and returns once it is parked. */
export async function park(
  voice: RemoteVoice,
  room: string,
): Promise<{ reply: Promise<PollReply> }> {
  const { cursor } = await voice.poll();
  const reply = voice.poll({ cursor, channels: [room], hold: 55_000 });
  // A test that fails before it waits for the reply must show its own error, and not that of the poll.
  reply.catch(() => {});
  await eventually(async () => {
    const presence = await voice.request("GET", `/api/channels/${room}/presence`);
    return (await presence.json()).total === 1;
  }, `${voice.displayName}'s poll is parked`);
  return { reply };
}
