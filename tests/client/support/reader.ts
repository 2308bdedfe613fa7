import {
  CometClient,
  type CometClientOptions,
  type ConnectionState,
  type Message,
  type ServerSettings,
} from "../../../client/comet/halley.ts";
import type { ScriptedServer } from "./scripted_server.ts";

export const bob = { publicToken: "bob", displayName: "bob" };

/** What a server tells its clients. */
export const SETTINGS: ServerSettings = {
  keyAge: 86_400_000,
  textBytes: 8_192,
  editTime: 86_400_000,
  hold: 25_000,
  heartbeat: 0,
  auth: "guest",
  home: "room:lobby",
};

/** A message from bob. */
export function message(id: number, text: string): Message {
  return { id, channel: "room:tea", from: bob, text, at: 1000 + id };
}

/** Alice's client, which knows the server's settings. It does not poll yet. */
export function openReader(
  server: ScriptedServer,
  options: Partial<CometClientOptions> = {},
): CometClient {
  return new CometClient({
    url: server.url,
    fetch: server.fetch,
    privateToken: "secret",
    tab: "t1",
    channels: ["room:tea"],
    hold: 25_000,
    settings: SETTINGS,
    ...options,
  });
}

/** Resolves when the client reaches that state. */
export function stateNamed<Name extends ConnectionState["name"]>(
  client: CometClient,
  name: Name,
): Promise<Extract<ConnectionState, { name: Name }>> {
  return new Promise((resolve) => {
    const subscription = client.on("state", (state) => {
      if (!isNamed(state, name)) return;
      subscription[Symbol.dispose]();
      resolve(state);
    });
  });
}

/** Resolves when the client reaches that cursor. */
export function cursorOf(client: CometClient, cursor: string): Promise<void> {
  return new Promise((resolve) => {
    const subscription = client.on("cursor", (reached) => {
      if (reached !== cursor) return;
      subscription[Symbol.dispose]();
      resolve();
    });
  });
}

/** Makes Math.random return `value`, until disposed. */
export function fixRandom(value: number): Disposable {
  const random = Math.random;
  Math.random = () => value;
  return { [Symbol.dispose]: () => void (Math.random = random) };
}

function isNamed<Name extends ConnectionState["name"]>(
  state: ConnectionState,
  name: Name,
): state is Extract<ConnectionState, { name: Name }> {
  return state.name === name;
}
