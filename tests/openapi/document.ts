import manifest from "../../deno.json" with { type: "json" };
import { TOKEN_HEADER } from "../../server/protocol/token_header.ts";
import { EXAMPLES } from "./examples.ts";
import { parameterSchemas, REF, typeSchemas, withRequests } from "./json_schemas.ts";
import type { Node, Operation, Reply } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { exampleProblems, type ProblemParts, refusalsOf } from "./problems.ts";

const DESCRIPTION = "A chat server with long polling. A message whose send was acknowledged " +
  "reaches every reader entitled to it, once and in order. Times are Unix times in ms, durations " +
  "are ms. Replies can get further members: ignore those that you do not know. Give up only on a " +
  "problem whose type begins with urn:halley:problem: and whose status is below 429; anything " +
  "else is temporary. PROTOCOL.md says what a client must do.";

/** The description of the API as OpenAPI 3.1: requests from the schemas that validate them, replies from their types. */
export async function createDocument(): Promise<Node> {
  const parts = { problems: await exampleProblems(), responses: new Map<string, Node>() };
  const paths: Record<string, Record<string, Node>> = {};
  for (const operation of OPERATIONS) {
    (paths[operation.path] ??= {})[operation.method] = describe(operation, parts);
  }
  return withoutUnused({
    openapi: "3.1.0",
    info: {
      title: "Halley",
      version: manifest.version,
      description: DESCRIPTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "." }],
    paths,
    components: {
      schemas: withRequests(await typeSchemas()),
      responses: Object.fromEntries(parts.responses),
      examples: Object.fromEntries(
        [...parts.problems].map(([code, body]) => [code, { summary: body.title, value: body }]),
      ),
      headers: HEADERS,
      securitySchemes: SECURITY,
    },
  });
}

/** A document without the schemas that nothing refers to. */
function withoutUnused<T extends { components: { schemas: Node } }>(document: T): T {
  const text = JSON.stringify(document);
  const { schemas, ...others } = document.components;
  const used = Object.entries(schemas).filter(([name]) => text.includes(`"${REF}${name}"`));
  return { ...document, components: { schemas: Object.fromEntries(used), ...others } };
}

const HEADERS = {
  "Retry-After": {
    description: "How long to wait before another attempt, in seconds; absent where it is unknown",
    schema: { type: "integer" },
  },
  "RateLimit": {
    description: "The limit, and when requests are allowed again",
    schema: { type: "string" },
  },
  "RateLimit-Policy": {
    description: "The limit that was exceeded: requests (q) in seconds (w)",
    schema: { type: "string" },
  },
  "WWW-Authenticate": { description: "Bearer", schema: { type: "string" } },
  "Allow": { description: "The methods of this path", schema: { type: "string" } },
};

const SECURITY = {
  privateToken: {
    type: "http",
    scheme: "bearer",
    description: "The private token of a session, from signing in (AUTH=guest)",
  },
  jwt: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "A token of the application for one of its users (AUTH=jwt)",
  },
  apiKey: {
    type: "http",
    scheme: "bearer",
    description: "An API key of a back end. The roles are its scopes; admin includes the others",
  },
  tokenHeader: {
    type: "apiKey",
    in: "header",
    name: TOKEN_HEADER,
    description: "Any of these tokens, where a gateway needs Authorization for itself",
  },
};

function describe(operation: Operation, parts: ProblemParts): Node {
  const { id, tag, summary, docs, deprecated, replies } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(deprecated && { deprecated }),
    description: `See docs/${docs}`,
    security: securityOf(operation),
    parameters: parametersOf(operation),
    ...requestBodyOf(operation),
    responses: {
      ...Object.fromEntries(Object.entries(replies).map(([status, reply]) => [status, ok(reply)])),
      ...refusalsOf(operation, parts),
    },
  };
}

function securityOf({ by, open }: Operation): readonly Node[] {
  const scopes = by.filter((who) => who !== "session" && who !== "administrator");
  return [
    ...(open || by.length === 0 ? [{}] : []),
    ...(by.includes("session") ? [{ privateToken: [] }, { jwt: [] }] : []),
    ...(by.includes("administrator") ? [{ jwt: ["administrator"] }] : []),
    ...(scopes.length > 0 ? [{ apiKey: scopes }] : []),
    ...(by.length > 0 ? [{ tokenHeader: [] }] : []),
  ];
}

/** What the variable parts of paths mean. */
const PATH_PARAMETERS: Record<string, string> = {
  emoji: "One emoji, percent-encoded",
  channel: "The address of a channel or recipient, such as room:tea",
  id: "The id of a message",
  publicToken: "The public token of a session",
  userId: "The id of a user of the application, percent-encoded",
  erasureId: "The id of an erasure",
  fileId: "The id of a file",
};

function parametersOf({ path, query, parameters = {}, headers = {} }: Operation): readonly Node[] {
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    description: PATH_PARAMETERS[name],
    schema: name === "id" ? parameterSchemas("messageId").properties.id : { type: "string" },
  }));
  const { properties = {}, required = [] } = query === undefined ? {} : parameterSchemas(query);
  return [
    ...named,
    ...Object.entries(properties).map(([name, schema]) => ({
      name,
      in: "query",
      required: required.includes(name),
      schema,
    })),
    ...textParameters(parameters, "query"),
    ...textParameters(headers, "header"),
  ];
}

function textParameters(meanings: Readonly<Record<string, string>>, where: "query" | "header") {
  return Object.entries(meanings).map(([name, description]) => ({
    ...{ name, in: where, description },
    schema: { type: "string" },
  }));
}

function requestBodyOf({ body, text }: Operation): Node {
  if (text !== undefined) {
    const schema = { type: "string" };
    const content = Object.fromEntries(text.map((media) => [media, { schema }]));
    return { requestBody: { required: true, content } };
  }
  if (body === undefined) return {};
  const refs = [body.type].flat().map((name) => ({ $ref: REF + name }));
  const schema = refs.length === 1 ? refs[0] : { anyOf: refs };
  const content = { "application/json": { schema, example: EXAMPLES[body.example] } };
  return { requestBody: { required: true, content } };
}

function ok({ description, type = [], example = [], media }: Reply): Node {
  if (media !== undefined) {
    return { description, content: { [media]: { schema: { type: "string" } } } };
  }
  const refs = [type].flat().map((name) => ({ $ref: REF + name }));
  if (refs.length === 0) return { description };
  const examples = Object.fromEntries(
    [example].flat().map((name) => [name, { value: EXAMPLES[name] }]),
  );
  const schema = refs.length === 1 ? refs[0] : { anyOf: refs };
  return { description, content: { "application/json": { schema, examples } } };
}
