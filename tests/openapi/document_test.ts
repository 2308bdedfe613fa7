import { Validator } from "@seriousme/openapi-schema-validator";
import { assertEquals } from "@std/assert";
import { readAssets } from "../../server/http/assets.ts";
import { Chat } from "../support/chat.ts";
import { Contract } from "./contract.ts";
import { createDocument } from "./document.ts";
import type { Node } from "./operation.ts";

const document: Document = JSON.parse(
  await Deno.readTextFile(new URL("../../static/openapi.json", import.meta.url)),
);

const contract = await Contract.read();

Deno.test("[N17] openapi.json is generated from the current sources", async () => {
  assertEquals(await createDocument(), document, "Run `deno task types`");
});

Deno.test("[N17] openapi.json is valid OpenAPI 3.1", async () => {
  const validator = new Validator();

  const result = await validator.validate({ ...document });

  assertEquals([result, validator.version], [{ valid: true }, "3.1"]);
});

Deno.test("[N17] /openapi.json can be loaded by pages of other origins", async () => {
  const path = new URL("../../static", import.meta.url).pathname;
  await using chat = await Chat.open({ assets: await readAssets(path) });

  const { status, headers } = await chat.request("GET", "/openapi.json");

  assertEquals(
    [status, headers.get("content-type"), headers.get("access-control-allow-origin")],
    [200, "application/json", "*"],
  );
});

Deno.test("[N18] openapi.json has every route of the app, and no others", async () => {
  await using chat = await Chat.open();
  const all = chat.app.routes.flatMap(({ method, path }) =>
    // The legacy path accepts any method. Pages use these.
    (method === "ALL" ? ["GET", "POST"] : [method]).map((one) =>
      `${one.toLowerCase()} ${path.replace(/:(\w+)/g, "{$1}")}`
    )
  );

  assertEquals(contract.routes.sort(), [...new Set(all)].sort());
});

Deno.test("[N17] every example in openapi.json is valid", () => {
  const examples = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).flatMap(({ requestBody, responses }) => [
      ...Object.values(requestBody?.content ?? {}),
      ...Object.values(responses).flatMap(({ content = {} }) => Object.values(content)),
    ])
  ).flatMap(({ schema, example, examples = {} }) =>
    [example, ...Object.values(examples).map(({ value }) => value)]
      .filter((value) => value !== undefined)
      .map((value) => contract.validate(schema, value))
  );

  const problem = { $ref: "#/components/schemas/Problem" };
  const problems = Object.values(document.components.examples).map(({ value }) =>
    contract.validate(problem, value)
  );

  assertEquals([examples.length > 20, problems.length > 25], [true, true]);
  assertEquals([...examples, ...problems].flat(), []);
});

Deno.test("[N18] an undescribed member, status or route is found", () => {
  const exchange = {
    method: "GET",
    path: "/api/conversations",
    requestType: "",
    requestBody: "",
    status: 200,
    headers: new Headers({ "content-type": "application/json" }),
    responseBody: '{"conversations":[]}',
  };
  const found = (change: Partial<typeof exchange>) =>
    contract.errorsOf({ ...exchange, ...change }).length;

  assertEquals(found({}), 0);
  assertEquals(found({ responseBody: '{"conversations":[],"total":0}' }), 1);
  assertEquals(found({ responseBody: "{}" }), 1);
  assertEquals(found({ status: 418 }), 1);
  assertEquals(found({ path: "/api/places" }), 1);
  assertEquals(found({ path: "/api/conversations?limit=1" }), 1);
});

interface Body {
  readonly schema: Node;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value?: unknown }>>;
}

interface Content {
  readonly content?: Readonly<Record<string, Body>>;
}

interface Document extends Node {
  readonly paths: Readonly<
    Record<string, Record<string, { requestBody?: Content; responses: Record<string, Content> }>>
  >;
  readonly components: { readonly examples: Readonly<Record<string, { readonly value: unknown }>> };
}
