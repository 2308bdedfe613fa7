import { type Context, Hono } from "hono";
import type { Hub } from "../core/hub/hub.ts";
import { type Publication, schemas } from "../protocol/requests.ts";
import { Refused } from "../core/model/refused.ts";
import { checkMayAdminister } from "../core/model/rights.ts";
import type { Appended } from "../core/model/store.ts";
import type { Authority } from "./auth/authentication.ts";
import { readText } from "./body.ts";
import { emptyResponse, fit, jsonResponse, readJson } from "./json.ts";
import type { ApiDeps } from "./native_routes.ts";

/** What the body of `POST /api/publish` may hold, in bytes. */
const PUBLISH_BYTES = 2 ** 20;

/** The native API for back ends and operators, who bear API keys; to be mounted at `/api`. */
export function backendRoutes({ hub, who, metrics }: ApiDeps): Hono {
  const publish = async ({ name, rights }: Authority, publications: readonly Publication[]) => {
    const appended = await hub.publishing.publish(name, publications, rights);
    for (const { repeated } of appended) if (!repeated) metrics.onSent();
    return appended;
  };
  return new Hono()
    .post("/publish", async (c) => {
      const publisher = await who.authority(c, "publish");
      const body = await readJson(c, schemas.publish, PUBLISH_BYTES);
      const publications = "messages" in body ? body.messages : [body];
      const appended = await publish(publisher, publications);
      return jsonResponse({ messages: appended.map(describe) }, statusOf(appended));
    })
    .post("/channels/:channel/messages", async (c) => {
      const publisher = await who.authority(c, "publish");
      const publication = await readRaw(c, c.req.param("channel"));
      const appended = await publish(publisher, [publication]);
      return jsonResponse(appended.map(describe)[0], statusOf(appended));
    })
    .get("/messages/:id/deliveries", async (c) => {
      who.key(c, "read");
      const { id } = fit(schemas.messageId, { id: c.req.param("id") });
      return jsonResponse(await hub.receipts.of(id));
    })
    .delete("/sessions/:publicToken", async (c) => {
      const { rights } = await who.authority(c, "admin");
      if (rights !== undefined) checkMayAdminister(rights, "*");
      await hub.accounts.kick(c.req.param("publicToken"));
      return emptyResponse(204);
    })
    .get("/trace", async (c) => {
      who.key(c, "admin");
      const { message, session } = fit(schemas.trace, c.req.query());
      return jsonResponse(await traceOf(hub, message, session));
    });
}

/** What happened to a message, or to a session. */
async function traceOf(hub: Hub, id: number | undefined, session: string | undefined) {
  if (hub.trace === undefined) throw new Refused("not_found", "Nothing is traced here");
  if ((id === undefined) === (session === undefined)) {
    throw new Refused("invalid_request", 'Ask for either "message" or "session"');
  }
  if (session !== undefined) return hub.trace.ofSession(session);
  const message = id === undefined ? undefined : await hub.messageAt(id);
  if (message === undefined) throw new Refused("not_found", `There is no message ${id}`);
  return hub.trace.ofMessage(message);
}

/** A publication whose text is the body as it is, whatever its type; the rest stands in headers. */
async function readRaw(c: Context, to: string): Promise<Publication> {
  const text = await readText(c.req.raw);
  const title = headerOf(c, "x-title");
  const key = headerOf(c, "x-key");
  return fit(schemas.publication, {
    to,
    text,
    ...(title !== undefined && { title }),
    ...(key !== undefined && { key }),
  });
}

/** A header in UTF-8, as curl sends it. The platform gives each of its bytes as a character. */
function headerOf(c: Context, name: string): string | undefined {
  const value = c.req.raw.headers.get(name);
  if (value === null) return undefined;
  const bytes = Uint8Array.from(value, (character) => character.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Refused("invalid_request", `The header "${name}" is no UTF-8`);
  }
}

function describe({ message: { id, channel }, repeated }: Appended) {
  return { id, channel, repeated };
}

function statusOf(appended: readonly Appended[]): number {
  return appended.every(({ repeated }) => repeated) ? 200 : 201;
}
