/** The names of a deployment's streams, and the subject of its bus. */
export interface StreamNames {
  readonly log: string;
  readonly sessions: string;
  /** Buckets: tokens, read markers, key-value pairs and leases. */
  readonly records: string;
  readonly receipts: string;
  readonly tasks: string;
  /** The contents of files, in pieces. */
  readonly files: string;
  /** The subject of events between nodes. */
  readonly bus: string;
}

/** Returns the names for a deployment. */
export function streamNames(deployment: string): StreamNames {
  const prefix = deployment.toUpperCase();
  return {
    log: prefix,
    sessions: `${prefix}_SESSIONS`,
    records: `${prefix}_RECORDS`,
    receipts: `${prefix}_RECEIPTS`,
    tasks: `${prefix}_TASKS`,
    files: `${prefix}_FILES`,
    bus: `${deployment.toLowerCase()}.bus`,
  };
}

/** Formats a subject of a stream from any parts: `room` and `tea` of `HALLEY` become `halley.log.room.tea`. */
export function formatSubject(stream: string, ...parts: readonly string[]): string {
  return [prefixOf(stream), ...parts.map(encodeToken)].join(".");
}

/** The wildcard for all subjects of a stream. */
export function allSubjects(stream: string): string {
  return `${prefixOf(stream)}.>`;
}

/** Returns the parts of a subject. A subject that {@linkcode formatSubject} did not make can be returned undecoded. */
export function subjectParts(stream: string, subject: string): readonly string[] {
  const tokens = subject.slice(prefixOf(stream).length + 1).split(".");
  try {
    return tokens.map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return tokens;
    throw error;
  }
}

function prefixOf(stream: string): string {
  const [name, kind = "log"] = stream.toLowerCase().split("_");
  return `${name}.${kind}`;
}

/** Dots, spaces and wildcards have a meaning in subjects. */
function encodeToken(part: string): string {
  return encodeURIComponent(part.toWellFormed()).replace(
    /[.*]/g,
    (char) => char === "." ? "%2E" : "%2A",
  );
}
