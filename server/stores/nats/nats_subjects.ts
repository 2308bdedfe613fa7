/** The streams and subjects of one deployment. */
export interface StreamNames {
  /** The log. */
  readonly log: string;
  readonly sessions: string;
  /** All else of which only the newest state counts. */
  readonly records: string;
  readonly receipts: string;
  readonly tasks: string;
  /** What nodes tell each other. */
  readonly bus: string;
}

/** What the streams of a deployment are called, and what their subjects begin with. */
export function streamNames(name: string): StreamNames {
  const word = name.toUpperCase();
  return {
    log: word,
    sessions: `${word}_SESSIONS`,
    records: `${word}_RECORDS`,
    receipts: `${word}_RECEIPTS`,
    tasks: `${word}_TASKS`,
    bus: `${name.toLowerCase()}.bus`,
  };
}

/** A subject of a stream. Any parts will do: `room`, `tea` of `HALLEY` are `halley.room.tea`. */
export function formatSubject(stream: string, ...parts: readonly string[]): string {
  return [prefixOf(stream), ...parts.map(encodeToken)].join(".");
}

/** All subjects of a stream. */
export function allSubjects(stream: string): string {
  return `${prefixOf(stream)}.>`;
}

/** The parts that {@linkcode formatSubject} was given; of a subject that it did not write, the parts as they are. */
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

/** Dots, blanks and wildcards mean something in a subject. */
function encodeToken(part: string): string {
  return encodeURIComponent(part.toWellFormed()).replace(
    /[.*]/g,
    (char) => char === "." ? "%2E" : "%2A",
  );
}
