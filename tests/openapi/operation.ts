import type { Refusal } from "../../server/protocol/refusal.ts";
import type { schemas } from "../../server/protocol/request_schemas.ts";
import type { EXAMPLES } from "./examples.ts";

/** A JSON object of the document. */
export type Node = Readonly<Record<string, unknown>>;

type ExampleName = keyof typeof EXAMPLES;
type SchemaName = keyof typeof schemas;

/** A successful reply. */
export interface Reply {
  readonly description: string;
  /** Name of the type in `server/protocol` that describes the JSON; a list for a union. Not set if the reply has no JSON. */
  readonly type?: string | readonly string[];
  readonly example?: ExampleName | readonly ExampleName[];
  /** A reply that is not JSON: its media type. */
  readonly media?: string;
}

/** A route of the API. */
export interface Operation {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  readonly path: string;
  readonly id: string;
  readonly tag: "people" | "back ends" | "administration" | "monitoring" | "legacy";
  readonly summary: string;
  /** The section of the documentation, such as `API.md#poll`. */
  readonly docs: string;
  /** Who may ask: a session, an API key with this scope, or both; nobody needs a token if it is empty. */
  readonly by: readonly ("session" | "publish" | "users" | "read" | "admin" | "administrator")[];
  /** Whether the request is also answered without any token. */
  readonly open?: true;
  readonly query?: SchemaName;
  /** Parameters of the query that no schema validates, and what they mean. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly body?: {
    readonly schema: SchemaName;
    /** The name of its schema in the document, or several. */
    readonly type: string | readonly string[];
    readonly example: ExampleName;
  };
  /** A body that is not JSON: its media types. */
  readonly text?: readonly string[];
  /** Names of headers that are part of the request, and what they mean. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly replies: Readonly<Record<number, Reply>>;
  /** Refusals besides those of any request. */
  readonly refusals?: readonly Refusal[];
  readonly deprecated?: true;
}
