import {
  CometClient,
  type CometClientOptions,
  type ConnectionState,
  type Message,
} from "../../../client/comet/halley.ts";
import type { ScriptedServer } from "./scripted_server.ts";

export const bob = { publicToken: "bob", displayName: "bob" };

/** A message of bob's. */
export function message(id: number, text: string): Message {
  return { id, channel: "room:tea", from: bob, text, at: 1000 + id };
}

/** Alice's client. It does not poll yet. */
export function openReader(
  server: ScriptedServer,
  options: Partial<CometClientOptions> = {},
): CometClient {
  return new CometClient({
    url: server.url,
    privateToken: "secret",
    tab: "t1",
    channels: ["room:tea"],
    hold: 25_000,
    ...options,
  });
}

/** Resolves when the client gets into that state. */
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

/** Resolves when the client gets to that place. */
export function cursorOf(client: CometClient, cursor: string): Promise<void> {
  return new Promise((resolve) => {
    const subscription = client.on("cursor", (place) => {
      if (place !== cursor) return;
      subscription[Symbol.dispose]();
      resolve();
    });
  });
}

/** Makes every random number this one, until disposed. */
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
