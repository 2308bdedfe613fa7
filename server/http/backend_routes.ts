import { type Context, Hono } from "hono";
import type { Hub } from "../core/hub/hub.ts";
import { Refused } from "../core/model/refused.ts";
import { checkMayAdminister } from "../core/model/rights.ts";
import type { Appended } from "../core/model/store.ts";
import type {
  Erasure,
  ExportLine,
  PublishedMessage,
  PublishReply,
} from "../protocol/admin_replies.ts";
import { schemas } from "../protocol/request_schemas.ts";
import type { Publication } from "../protocol/requests.ts";
import type { ApiDeps } from "./api_routes.ts";
import type { Authority } from "./auth/authentication.ts";
import { readJson, readText, validate } from "./request_body.ts";
import { emptyResponse, jsonResponse, linesResponse } from "./responses.ts";

/** Maximum size of the body of `POST /api/publish` in bytes. */
const PUBLISH_BYTES = 2 ** 20;

/** The routes for back ends and administrators with API keys, below `/api`. */
export function backendRoutes({ hub, authentication, metrics }: ApiDeps): Hono {
  const publish = async (authority: Authority, publications: readonly Publication[]) => {
    const appended = await hub.publishing.publish(authority.name, publications, authority);
    for (const { repeated } of appended) if (!repeated) metrics.onMessage();
    const count = appended.filter(({ repeated }) => !repeated).length;
    if (authority.isAdministrator && count > 0) {
      await recordNotice(hub, authority, publications, count);
    }
    return appended;
  };
  /** Refuses all but the scope `admin`, and the right to administer everything. Returns who it is. */
  const checkAdministersAll = async (c: Context) => {
    const { rights, name } = await authentication.authority(c, "admin");
    if (rights !== undefined) checkMayAdminister(rights, "*");
    return name;
  };
  return new Hono()
    .post("/publish", async (c) => {
      const authority = await authentication.authority(c, "publish");
      const body = await readJson(c, schemas.publish, { maxBytes: PUBLISH_BYTES });
      const publications = "messages" in body ? body.messages : [body];
      const appended = await publish(authority, publications);
      const reply: PublishReply = { messages: appended.map(publishedMessage) };
      return jsonResponse(reply, statusOf(appended));
    })
    .post("/channels/:channel/messages", async (c) => {
      const authority = await authentication.authority(c, "publish");
      const publication = await readTextPublication(c, c.req.param("channel"));
      const appended = await publish(authority, [publication]);
      return jsonResponse(appended.map(publishedMessage)[0], statusOf(appended));
    })
    .get("/messages/:id/deliveries", async (c) => {
      const { session } = authentication.apiKey(c, "read");
      const { id } = validate(schemas.messageId, { id: c.req.param("id") });
      return jsonResponse(await hub.receipts.describe(id, session));
    })
    .delete("/sessions/:publicToken", async (c) => {
      const by = await checkAdministersAll(c);
      const { erase } = validate(schemas.endSession, c.req.query());
      const publicToken = c.req.param("publicToken");
      if (erase === "true") {
        return erasureResponse(await hub.erasures.eraseSession(publicToken, by));
      }
      await hub.accounts.kick(publicToken);
      await hub.audit.record({ by, action: "kick", kind: "session", target: publicToken });
      return emptyResponse(204);
    })
    .delete("/users/:userId", async (c) => {
      const by = await checkAdministersAll(c);
      return erasureResponse(await hub.erasures.eraseUser(c.req.param("userId"), by));
    })
    .get("/erasures/:erasureId", async (c) => {
      await checkAdministersAll(c);
      return jsonResponse(await hub.erasures.get(c.req.param("erasureId")));
    })
    .get("/export", async (c) => {
      const { name } = authentication.apiKey(c, "admin");
      const query = validate(schemas.export, c.req.query());
      const lines = await exportOf(hub, query);
      const [[kind = "room", target] = []] = Object.entries(query);
      const by = `api:${name}`;
      if (isExported(kind)) await hub.audit.record({ by, action: "export", kind, target });
      return linesResponse(lines);
    })
    .get("/trace", async (c) => {
      authentication.apiKey(c, "admin");
      const { message, session } = validate(schemas.trace, c.req.query());
      return jsonResponse(await readTrace(hub, message, session));
    });
}

/** The address is relative: a proxy may serve this server below a path. */
function erasureResponse(erasure: Erasure): Response {
  const response = jsonResponse(erasure, 202);
  response.headers.set("location", `../erasures/${erasure.id}`);
  return response;
}

/** The export of a user, a session or a room, of which the query names one. */
async function exportOf(
  { exports }: Hub,
  { user, session, room }: { user?: string; session?: string; room?: string },
): Promise<AsyncGenerator<readonly ExportLine[]>> {
  const names = [user, session, room].filter((name) => name !== undefined);
  if (names.length !== 1) {
    const detail = 'Write one of "user=<user id>", "session=<public token>" and "room=<name>"';
    throw new Refused("invalid_request", detail);
  }
  if (user !== undefined) return await exports.user(user);
  return await (session === undefined ? exports.room(room ?? "") : exports.session(session));
}

function isExported(name: string): name is "session" | "user" | "room" {
  return ["session", "user", "room"].includes(name);
}

/** Lists the notices of an administrator: one entry for each request. */
async function recordNotice(
  { audit }: Hub,
  { name: by }: Authority,
  publications: readonly Publication[],
  count: number,
): Promise<void> {
  const [to = "", ...others] = publications.flatMap(({ to }) => to);
  const [kind, ...target] = to.split(":");
  const many = count > 1 ? { count } : {};
  const entry = { by, action: "notice", ...many } as const;
  if (others.length > 0) return await audit.record({ ...entry, kind: "several" });
  if (kind === undefined || !isExported(kind)) {
    return await audit.record({ ...entry, kind: "everyone" });
  }
  await audit.record({ ...entry, kind, target: target.join(":") });
}

/** The trace of a message or of a session. */
async function readTrace(hub: Hub, id: number | undefined, session: string | undefined) {
  if (hub.trace === undefined) throw new Refused("not_found", "The trace is disabled");
  if ((id === undefined) === (session === undefined)) {
    throw new Refused("invalid_request", 'Either "message" or "session" is required');
  }
  if (session !== undefined) return await hub.traces.ofSession(session);
  const message = id === undefined ? undefined : await hub.history.get(id);
  if (message === undefined) throw new Refused("not_found", `There is no message ${id}`);
  return await hub.traces.ofMessage(message);
}

/** Reads a publication whose body is its text, whatever the content type, and whose title, key and name are headers. */
async function readTextPublication(c: Context, to: string): Promise<Publication> {
  const text = await readText(c.req.raw);
  const title = utf8Header(c, "x-title");
  const key = utf8Header(c, "x-key");
  const as = utf8Header(c, "x-as");
  return validate(schemas.publication, {
    to,
    text,
    ...(title !== undefined && { title }),
    ...(key !== undefined && { key }),
    ...(as !== undefined && { as }),
  });
}

/** Decodes a header as UTF-8, which curl sends. Deno returns each byte of a header as a character. */
function utf8Header(c: Context, name: string): string | undefined {
  const value = c.req.raw.headers.get(name);
  if (value === null) return undefined;
  const bytes = Uint8Array.from(value, (character) => character.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Refused("invalid_request", `The header "${name}" is not valid UTF-8`);
  }
}

function publishedMessage({ message: { id, channel }, repeated }: Appended): PublishedMessage {
  return { id, channel, repeated };
}

function statusOf(appended: readonly Appended[]): number {
  return appended.every(({ repeated }) => repeated) ? 200 : 201;
}
