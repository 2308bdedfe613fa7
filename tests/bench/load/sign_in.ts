import type { SignedIn } from "../../../server/protocol/replies.ts";
import type { SignInRequest } from "../../../server/protocol/requests.ts";
import { Connection, jsonBytes, ReplyReader, RequestBytes } from "./http.ts";
import type { SocketLoop } from "./socket_loop.ts";

const CONNECTIONS = 32;
const TIMEOUT = 60_000;

/** Creates `count` sessions, over a few connections. */
export function signIn(loop: SocketLoop, count: number): SignedIn[] {
  const sessions: SignedIn[] = [];
  const replies = new ReplyReader(201, (body): SignedIn => JSON.parse(body));
  let requested = 0;

  function open(): void {
    const request = new RequestBytes("/api/sessions", "");
    const connection = new Connection(loop, replies, (session) => {
      sessions.push(session);
      sendNext();
    });
    const sendNext = () => {
      if (requested === count) return;
      const displayName = `reader ${requested++}`;
      connection.send(request.with(jsonBytes({ displayName } satisfies SignInRequest)));
    };
    sendNext();
  }

  for (let i = 0; i < Math.min(CONNECTIONS, count); i++) open();
  loop.runUntil(() => sessions.length === count, TIMEOUT, `signing in ${count} sessions`);
  return sessions;
}
