import type { ServerSettings } from "../../../server/protocol/replies.ts";

export const HOUR = 3_600_000;

/** What a server tells its clients. */
export const SETTINGS: ServerSettings = {
  keyAge: HOUR,
  textBytes: 8_192,
  editTime: 86_400_000,
  hold: 25_000,
  heartbeat: 0,
  auth: "guest",
  home: "room:lobby",
};
