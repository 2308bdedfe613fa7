import { patternOf, type Problem } from "../chat/room_access.ts";

export interface ProblemOptions {
  readonly server: string;
  readonly room: string;
  readonly problem: Problem;
}

/** Says in the console what the developer of the page can do. */
export function explainProblem(options: ProblemOptions): void {
  console.error(`Halley: ${explanationOf(options)}`);
}

function explanationOf({ server, room, problem }: ProblemOptions): string {
  switch (problem) {
    case "room":
      return `data-room="${room}" is not a valid room: use 1 to 64 letters, digits, ".", "_" and "-", ` +
        "and {visitor} for a room of each visitor";
    case "origin":
      return `${server} does not allow this page. Add its origin there: ` +
        `ALLOWED_ORIGINS=${location.origin}. If it is there, a gateway answers without CORS headers, ` +
        "or a script adds a header that is not in ALLOWED_HEADERS";
    case "users":
      return `${server} signs in only users of an application (AUTH=jwt): set data-token-url, or call useTokens`;
    case "public":
      return `room "${room}" would not be private on ${server}: ` +
        `set VISITOR_ROOMS=${patternOf(room).replace("room:", "")} there`;
    case "too_many_rooms":
      return `cannot read "room:${room}" on ${server}: the limit of rooms (ROOMS) is reached (${problem})`;
    default:
      return `cannot read "room:${room}" on ${server}: grant the right with GUEST_READ, ` +
        `or in the visitor's token (${problem})`;
  }
}
