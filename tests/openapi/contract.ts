import { Ajv2020 } from "ajv/dist/2020.js";
import type { Node } from "./operation.ts";

/** A request and its response, as they were on the wire. */
export interface Exchange {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly requestType: string;
  readonly requestBody: string;
  readonly status: number;
  readonly headers: Headers;
  readonly responseBody: string;
}

interface Media {
  readonly schema: Node;
}

interface Described {
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Node;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, Response & { readonly $ref?: string }>>;
}

interface Response {
  readonly description: string;
  readonly content?: Readonly<Record<string, Media>>;
  readonly headers?: Node;
}

/** Compares exchanges with the description of the API. Members of replies that it does not have are errors here. */
export class Contract {
  readonly #document: {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
    readonly components: { readonly responses: Readonly<Record<string, Response>> };
  };
  readonly #ajv = new Ajv2020({ strict: false });

  /** The description that the server serves. */
  static async read(): Promise<Contract> {
    const url = new URL("../../static/openapi.json", import.meta.url);
    return new Contract(JSON.parse(await Deno.readTextFile(url)));
  }

  // deno-lint-ignore no-explicit-any
  private constructor(document: any) {
    this.#document = document;
    const { schemas, ...components } = document.components;
    const closed = {
      ...components,
      schemas: Object.fromEntries(Object.entries(schemas).map(close)),
    };
    this.#ajv.addSchema({ $id: "api", components: closed });
  }

  /** The names of methods and paths, such as `post /api/poll`. */
  get routes(): string[] {
    return Object.entries(this.#document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`)
    );
  }

  /** The codes of the problems of a route. */
  codesOf(route: string): string[] {
    const [method = "", path = ""] = route.split(" ");
    const found = this.#document.paths[path]?.[method];
    return Object.keys(found?.responses ?? {}).flatMap((status) =>
      found === undefined ? [] : this.#responseOf(found, status)?.description.split(", ") ?? []
    );
  }

  /** What an exchange and the description differ in; empty if nothing. */
  errorsOf(exchange: Exchange): string[] {
    const { method, path, status, responseBody } = exchange;
    const found = this.#find(method.toLowerCase(), path.split("?")[0] ?? "");
    if (found === undefined) return [`${method} ${path} is not described`];
    const response = this.#responseOf(found, String(status));
    if (response === undefined) return [`${method} ${path}: ${status} is not described`];
    const errors = [
      ...(status < 300 ? this.#requestErrors(found, exchange) : []),
      ...this.#responseErrors(response, exchange),
    ];
    return errors.map((error) => `${method} ${path} ${status}: ${error}\n${responseBody}`);
  }

  /** What a value and the schema in the reply of a route differ in. */
  errorsOfReply(route: string, value: unknown): string[] {
    const [method = "", path = ""] = route.split(" ");
    const replies = Object.entries(this.#document.paths[path]?.[method]?.responses ?? {})
      .filter(([status]) => Number(status) < 300)
      .flatMap(([, { content = {} }]) => Object.values(content));
    const errors = replies.map(({ schema }) => this.validate(schema, value));
    return errors.some((list) => list.length === 0) ? [] : errors.flat();
  }

  /** What a value and a schema of the document differ in. */
  validate(schema: Node, value: unknown): string[] {
    const text = JSON.stringify(schema).replaceAll('"#/components', '"api#/components');
    this.#ajv.validate(JSON.parse(text), value);
    return (this.#ajv.errors ?? []).map(({ instancePath, message }) =>
      `${instancePath} ${message}`
    );
  }

  #find(method: string, path: string): Described | undefined {
    const matches = ([template]: [string, unknown]) =>
      new RegExp(`^${template.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}/?$`).test(path);
    return Object.entries(this.#document.paths).find(matches)?.[1][method];
  }

  #responseOf({ responses }: Described, status: string): Response | undefined {
    const response = responses[status];
    if (response?.$ref === undefined) return response;
    return this.#document.components.responses[response.$ref.replace(/.*\//, "")];
  }

  #requestErrors(found: Described, { path, requestType, requestBody }: Exchange): string[] {
    const query = new URLSearchParams(path.split("?")[1]);
    const parameters = found.parameters.filter((one) => one.in === "query");
    const unknown = [...query.keys()].filter((key) => parameters.every(({ name }) => name !== key));
    const wrong = parameters.flatMap(({ name, required, schema }) => {
      const value = query.get(name);
      if (value === null) return required ? [`${name} is missing`] : [];
      return this.validate(schema, schema.type === "integer" ? Number(value) : value);
    });
    const content = found.requestBody?.content ?? {};
    const media = content[requestType.split(";")[0] ?? ""] ?? content["*/*"];
    const body = media === undefined
      ? requestBody === "" ? [] : [`no body of type ${requestType}`]
      : this.validate(
        media.schema,
        requestType.includes("json") ? parse(requestBody) : requestBody,
      );
    return [...unknown.map((name) => `unknown parameter ${name}`), ...wrong, ...body];
  }

  #responseErrors({ content = {}, headers = {} }: Response, exchange: Exchange): string[] {
    const [type = ""] = (exchange.headers.get("content-type") ?? "").split(";");
    const missing = ["www-authenticate", "retry-after", "ratelimit", "allow"].filter((name) =>
      exchange.headers.has(name) && !Object.keys(headers).some((one) => one.toLowerCase() === name)
    );
    const media = content[type];
    const body = media === undefined
      ? exchange.responseBody === "" ? [] : [`no reply of type ${type}`]
      : this.validate(
        media.schema,
        type.endsWith("json") ? parse(exchange.responseBody) : exchange.responseBody,
      );
    return [...missing.map((name) => `the header ${name} is not described`), ...body];
  }
}

/** `undefined` if the text is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The same schema, for objects without other members. */
function close([name, schema]: [string, unknown]): [string, unknown] {
  return [name, closed(schema)];
}

function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, closed(member)]),
  );
  const isOpen = "properties" in members && !("additionalProperties" in members);
  return isOpen && members.type === "object"
    ? { ...members, additionalProperties: false }
    : members;
}
