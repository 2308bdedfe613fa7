import { Hono } from "hono";
import { Refused } from "../core/model/refused.ts";
import type { PushReply } from "../protocol/replies.ts";
import { schemas } from "../protocol/request_schemas.ts";
import type { ApiDeps } from "./api_routes.ts";
import { readJson } from "./request_body.ts";
import { emptyResponse, jsonResponse } from "./responses.ts";

/** What devices need to get pushes. */
export interface PushRouteSettings {
  /** The server's public key in base64url. */
  readonly publicKey: string;
  /** Push services beside those of the known browsers. */
  readonly hosts: readonly string[];
}

/** The routes by which devices get pushes, below `/api`. */
export function pushRoutes(
  { hub, authentication }: ApiDeps,
  settings: PushRouteSettings | undefined,
): Hono {
  const { devices } = hub.accounts;
  const enabled = (): PushRouteSettings => {
    if (settings !== undefined) return settings;
    throw new Refused("not_found", "This server does not push: PUSH is off");
  };
  return new Hono()
    .get("/push", async (c) => {
      await authentication.session(c);
      const reply: PushReply = { publicKey: enabled().publicKey };
      return jsonResponse(reply);
    })
    .put("/push", async (c) => {
      const { publicToken } = await authentication.session(c, "sends");
      const request = await readJson(c, schemas.push);
      const { publicKey, hosts } = enabled();
      const { subscription: { endpoint, keys }, contents = true } = request;
      const { serverKey = publicKey } = request;
      await devices.add(publicToken, { endpoint, keys, serverKey, contents }, hosts);
      return emptyResponse(204);
    })
    .delete("/push", async (c) => {
      const { publicToken } = await authentication.session(c);
      const { endpoint } = await readJson(c, schemas.endPush);
      await devices.remove(publicToken, endpoint);
      return emptyResponse(204);
    });
}
