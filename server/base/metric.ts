/** A metric that a part of the server exposes at `GET /metrics`. Its value is read at each request. */
export interface MetricSample {
  /** Without the prefix `halley_`. */
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly value: number;
}

/** A value that goes up and down. */
export function gauge(name: string, help: string, value: number): MetricSample {
  return { name, type: "gauge", help, value };
}

/** A number that only grows while the process runs. */
export function counter(name: string, help: string, value: number): MetricSample {
  return { name, type: "counter", help, value };
}
