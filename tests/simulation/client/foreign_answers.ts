/** An answer of something in front of the servers, or in place of them. */
export interface ForeignAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const HTML = { "content-type": "text/html" } as const;
const JSON_TYPE = { "content-type": "application/json" } as const;
const PAGE = "<!doctype html><title>Sorry</title>";

/** Gates, captive portals and misconfigured proxies. */
const GATES: readonly ForeignAnswer[] = [
  {
    status: 200,
    headers: HTML,
    body: "<!doctype html><title>Accept the terms of this Wi-Fi</title>",
  },
  { status: 200, headers: JSON_TYPE, body: '{"ok":true}' },
  { status: 200, headers: JSON_TYPE, body: "" },
  { status: 302, headers: { location: "https://login.example/" }, body: "" },
  { status: 401, headers: HTML, body: PAGE },
  { status: 401, headers: JSON_TYPE, body: '{"error":"token expired"}' },
  { status: 403, headers: HTML, body: PAGE },
  { status: 404, headers: HTML, body: PAGE },
  { status: 407, headers: HTML, body: PAGE },
  { status: 410, headers: HTML, body: PAGE },
  { status: 413, headers: HTML, body: PAGE },
  { status: 429, headers: { ...HTML, "retry-after": "2" }, body: PAGE },
];

/** Gateways whose server does not answer. They may answer although the server has processed the request. */
const GATEWAYS: readonly ForeignAnswer[] = [
  { status: 500, headers: JSON_TYPE, body: '{"error":"internal"}' },
  { status: 502, headers: HTML, body: PAGE },
  { status: 503, headers: { ...HTML, "retry-after": "1" }, body: PAGE },
  { status: 504, headers: HTML, body: PAGE },
  { status: 524, headers: HTML, body: PAGE },
  { status: 200, headers: JSON_TYPE, body: '{"outcome":"mess' },
];

/** One of the answers; `which` is from 0 to 1. */
export function foreignAnswer(kind: "gate" | "gateway", which: number): Response {
  const answers = kind === "gate" ? GATES : GATEWAYS;
  const { status, headers, body } = answers[Math.floor(which * answers.length)]!;
  return new Response(body, { status, headers });
}
