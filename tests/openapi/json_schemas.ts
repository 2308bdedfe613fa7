import { join } from "node:path";
import { toJsonSchema } from "@valibot/to-json-schema";
import { createGenerator } from "ts-json-schema-generator";
import { schemas } from "../../server/protocol/request_schemas.ts";
import type { Node } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";

const TOP = join(import.meta.dirname ?? ".", "../..");

/** Where the document has the JSON schema of a type. */
export const REF = "#/components/schemas/";

/** Replaces the types of requests by the schemas that validate them, with the comments of the types. */
export function withRequests(
  types: Readonly<Record<string, Node>>,
): Readonly<Record<string, Node>> {
  const bodies = OPERATIONS.flatMap(({ body }) => body === undefined ? [] : [body]);
  return {
    ...types,
    ...Object.fromEntries(
      bodies.filter(({ schema }) => schema !== "publish")
        .map(({ type, schema }) => [type, documented(objectOf(schema), types[String(type)])]),
    ),
    Publication: documented(objectOf("publication"), types.Publication),
    Publications: {
      type: "object",
      properties: { messages: { type: "array", items: { $ref: `${REF}Publication` } } },
      required: ["messages"],
      additionalProperties: false,
    },
  };
}

interface ObjectSchema extends Node {
  readonly properties: Readonly<Record<string, Node>>;
  readonly required: readonly string[];
}

function documented({ properties, ...schema }: ObjectSchema, type: Node = {}): Node {
  const { properties: members = {}, description } = type as Partial<ObjectSchema>;
  return {
    ...schema,
    ...(description !== undefined && { description }),
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, member]) => {
        const { description } = members[name] ?? {};
        return [name, description === undefined ? member : { ...member, description }];
      }),
    ),
  };
}

/** Paths and queries are text: the schemas of their parameters are those of what is read from it. */
export function parameterSchemas(name: keyof typeof schemas): ObjectSchema {
  const { properties } = objectOf(name, "output");
  const members = Object.entries(properties).map(([key, { default: value, ...schema }]) => {
    const known = schema.type === "integer" ? Number(value) : value;
    return [key, value === undefined ? schema : { ...schema, default: known }];
  });
  return { ...objectOf(name), properties: Object.fromEntries(members) };
}

function objectOf(
  name: keyof typeof schemas,
  typeMode: "input" | "output" = "input",
): ObjectSchema {
  const { $schema: _, ...schema } = toJsonSchema(schemas[name], {
    typeMode,
    target: "draft-2020-12",
    // None has a counterpart: JSON has no infinite numbers, and bytes that are not UTF-8 never become JSON.
    ignoreActions: ["excludes", "finite", "readonly"],
    overrideSchema: ({ valibotSchema }) =>
      valibotSchema.type === "custom" ? { $ref: `${REF}Json` } : undefined,
  });
  return schema as unknown as ObjectSchema;
}

/** The files of `server/protocol` that have types of requests and replies. */
const FILES = [
  "message",
  "signal",
  "refusal",
  "replies",
  "requests",
  "admin_replies",
  "moderation_replies",
];

/** The JSON schemas of the types that these files export, by name. */
export async function typeSchemas(): Promise<Readonly<Record<string, Node>>> {
  const tsconfig = await Deno.makeTempFile({ suffix: ".json" });
  const compilerOptions = {
    target: "esnext",
    module: "esnext",
    moduleResolution: "bundler",
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
  };
  const path = join(TOP, `server/protocol/{${FILES.join()}}.ts`);
  await Deno.writeTextFile(tsconfig, JSON.stringify({ compilerOptions, include: [path] }));
  try {
    const schema = createGenerator({
      path,
      tsconfig,
      type: "*",
      expose: "export",
      additionalProperties: true,
      skipTypeCheck: true,
      encodeRefs: false,
      sortProps: false,
    }).createSchema("*");
    const text = JSON.stringify(schema.definitions)
      .replaceAll("#/definitions/", REF)
      .replace(/ ?\{@linkcode +(\w+) *\} ?/g, " $1 ");
    const { Json: { description }, ...types } = JSON.parse(text);
    // All numbers of the API are whole, except those in `data`, whose type is recursive: few generators know that.
    return {
      Json: { description },
      ...JSON.parse(JSON.stringify(types).replaceAll(':"number"', ':"integer"')),
    };
  } finally {
    await Deno.remove(tsconfig);
  }
}
