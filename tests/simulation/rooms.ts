/** Stands for all notices among the rooms of a reader. */
export const NOTICES = "notice";

/** The rooms that members of a team read by this pattern. */
export const TEAM_ROOMS = "room:team-*";

/** In some runs, the rooms of visitors: each is read by one session, and by those who hold this pattern. */
export const VISITOR_ROOMS = "room:visitor-*";

/** The name of the person in whose name a back end answers visitors. */
export const AGENT = "agent";

/** The room of a visitor. */
export function visitorRoomOf(publicToken: string): string {
  return VISITOR_ROOMS.replace("*", publicToken);
}

export function isVisitorRoom(channel: string): boolean {
  return channel.startsWith(VISITOR_ROOMS.slice(0, -1));
}

/** Under which name a channel is among the rooms that somebody reads: its own, that of a pattern, or that of all notices. */
export function roomOf(channel: string, isRead: (room: string) => boolean): string {
  if (channel.startsWith("notice:")) return NOTICES;
  if (isRead(channel)) return channel;
  const pattern = [TEAM_ROOMS, VISITOR_ROOMS].find((one) => channel.startsWith(one.slice(0, -1)));
  return pattern ?? channel;
}
