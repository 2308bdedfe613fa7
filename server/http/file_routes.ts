import { type Context, Hono } from "hono";
import { schemas } from "../protocol/request_schemas.ts";
import type { ApiDeps } from "./api_routes.ts";
import { validate } from "./request_body.ts";
import { fileResponse } from "./file_response.ts";
import { emptyResponse, jsonResponse } from "./responses.ts";

/** The routes of files, below `/api`. */
export function fileRoutes({ hub, authentication, limits }: ApiDeps): Hono {
  const answer = async (c: Context, part?: "thumbnail") => {
    const reader = await authentication.fileReader(c);
    const found = await hub.filesFor(reader).find(reader, c.req.param("fileId") ?? "", part);
    return fileResponse(c.req.raw, found, part);
  };
  const bodyOf = (c: Context) => ({
    content: c.req.raw.body ?? new Blob().stream(),
    network: limits.networkOf(c),
  });
  return new Hono()
    .post("/files", async (c) => {
      const session = await authentication.reader(c, "uploads", "publish");
      const { name, key } = validate(schemas.upload, c.req.query());
      const size = declaredSize(c.req.raw);
      const { file, repeated } = await hub.filesFor(session)
        .upload(session.publicToken, { name, key, size, ...bodyOf(c) });
      return jsonResponse(file, repeated ? 200 : 201);
    })
    .put("/files/:fileId/thumbnail", async (c) => {
      const session = await authentication.reader(c, "calls", "publish");
      await hub.filesFor(session)
        .addThumbnail(session.publicToken, c.req.param("fileId"), bodyOf(c));
      return emptyResponse(204);
    })
    .get("/files/:fileId", (c) => answer(c))
    .get("/files/:fileId/thumbnail", (c) => answer(c, "thumbnail"));
}

function declaredSize({ headers }: Request): number | undefined {
  const length = headers.get("content-length") ?? "";
  return /^\d+$/.test(length) ? Number(length) : undefined;
}
