import postgres from "postgres";
import { deadline } from "../../base/deadline.ts";
import { errorMessage } from "../../base/error_message.ts";
import {
  parsePostgresAddress,
  type PostgresAddress,
  type PostgresTls,
} from "./postgres_address.ts";

/** A result row. */
export type Values = Readonly<Record<string, unknown>>;

/** The columns and parameters of a statement. Types are PostgreSQL's type numbers (OIDs). */
export interface Description {
  readonly columns: readonly { readonly name: string; readonly type: number }[];
  readonly parameters: readonly number[];
}

/** How a client connects. */
export interface PostgresClientOptions {
  /** Maximum duration of a statement. */
  readonly timeoutMs: number;
  /** Called for each notification of a channel that the client listens on. */
  readonly onNotify?: () => void;
  /** Called when the connection is lost. */
  readonly onClose?: () => void;
}

const DEFAULT_PORT = 5_432;

/** How much longer to wait than the server's own timeout, and how long for a connection to close. */
const GRACE_MS = 1_000;

/** Dates and times stay in the format of PostgreSQL: a `Date` would lose their microseconds. */
const keepText = (value: string) => value;
const TIMES = { to: 1184, from: [1082, 1114, 1184], serialize: keepText, parse: keepText };

/** One connection to a PostgreSQL server. It connects on demand, and again after the connection was lost. */
export class PostgresClient implements AsyncDisposable {
  readonly #timeoutMs: number;
  readonly #sql;
  /** Resolved when the connection is closed; `undefined` if none was opened. */
  #closed: PromiseWithResolvers<void> | undefined;

  constructor(
    url: string,
    { timeoutMs, onNotify = () => {}, onClose = () => {} }: PostgresClientOptions,
  ) {
    this.#timeoutMs = timeoutMs;
    const parsed = parsePostgresAddress(url);
    if (parsed === undefined) throw new Error("the address is not valid");
    const { parameters, tls, ...address } = parsed;
    const options = {
      ...optionsOf(address),
      ...tls && { ssl: tlsOptions(tls, address.host) },
      max: 1,
      max_lifetime: null,
      connect_timeout: timeoutMs / 1_000,
      // The caller decides when to try again.
      backoff: () => 0,
      fetch_types: false,
      types: { date: TIMES },
      connection: { application_name: "halley", ...parameters },
      onnotice: () => {},
      onnotify: onNotify,
      onclose: () => {
        this.#closed?.resolve();
        this.#closed = undefined;
        onClose();
      },
    };
    this.#sql = postgres(options);
  }

  /** Executes statements outside of a transaction. */
  async execute(sql: string): Promise<void> {
    await this.#withTimeout(this.#sql.unsafe(sql));
  }

  /** Executes a query. The server itself enforces the timeout, and that the query changes nothing. */
  async query(sql: string, parameters: readonly string[]): Promise<readonly Values[]> {
    return await this.#withTimeout(this.#sql.begin("read only", async (transaction) => {
      // In the transaction, because a connection pooler may use another connection for the next one.
      await transaction.unsafe(`SET LOCAL statement_timeout = ${this.#timeoutMs}`);
      return await transaction.unsafe<Values[]>(sql, [...parameters]);
    }));
  }

  /** Describes a statement without executing it. */
  async describe(sql: string): Promise<Description> {
    const { columns, types } = await this.#withTimeout(this.#sql.unsafe(sql).describe());
    return { columns: columns.map(({ name, type }) => ({ name, type })), parameters: types };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#closed?.promise;
    await this.#sql.end({ timeout: 0 });
    // Until then, the client has a timer. A connection that was cut without notice may never close.
    if (closed !== undefined) await deadline(closed, GRACE_MS).catch(() => {});
  }

  #withTimeout<T>(result: PromiseLike<T>): Promise<T> {
    this.#closed ??= Promise.withResolvers();
    return deadline(result, this.#timeoutMs + GRACE_MS);
  }
}

type Address = Omit<PostgresAddress, "parameters" | "tls">;

type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

/** The options for an address. Members that are undefined must be missing, to have their defaults. */
function optionsOf(address: Address): Defined<Address>;
function optionsOf({ host, port = DEFAULT_PORT, ...others }: Address): object {
  // Of a text, what follows a colon is taken for the port; the types do not know that lists are possible, too.
  const place = host?.includes(":") ? { host: [host], port: [port] } : { host, port };
  const values = { ...place, ...others };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** The options for `node:tls`. Throws an error if a file cannot be read. */
function tlsOptions(
  { verify, rootCertificate, certificate, key }: PostgresTls,
  host = "localhost",
) {
  if (verify === "optional") return "prefer" as const;
  return {
    rejectUnauthorized: verify !== "encrypt",
    // Without it, the certificate of a server with an IP address would be compared with "localhost".
    host,
    ...verify === "authority" && { checkServerIdentity: () => undefined },
    ...rootCertificate !== undefined && { ca: readFile("sslrootcert", rootCertificate) },
    ...certificate !== undefined && { cert: readFile("sslcert", certificate) },
    ...key !== undefined && { key: readFile("sslkey", key) },
  };
}

function readFile(parameter: string, path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new Error(`cannot read the file of ${parameter}: ${errorMessage(error)}`);
  }
}

const UNTRUSTED =
  "Name the certificate of its authority in the parameter sslrootcert of NOTICES_DB";

/** The reason of an error; `code` is PostgreSQL's error code, if the server reported the error. */
export function explainPostgres(error: unknown): { reason: string; code?: string } {
  if (error instanceof postgres.PostgresError) return { reason: error.message, code: error.code };
  const reason = errorMessage(error);
  const isUntrusted = /self-signed certificate|unable to verify/.test(reason);
  return { reason: isUntrusted ? `${reason}. ${UNTRUSTED}` : reason };
}
