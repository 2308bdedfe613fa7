import { BACK_ENDS } from "./back_end_operations.ts";
import type { Operation } from "./operation.ts";
import { PEOPLE } from "./people_operations.ts";
import { SESSIONS } from "./session_operations.ts";

const MONITORING: readonly Operation[] = [
  {
    method: "get",
    path: "/live",
    id: "isLive",
    tag: "monitoring",
    summary: "Whether the process runs",
    docs: "API.md#health-checks",
    by: [],
    replies: { 200: { description: "It does", type: "HealthReply", example: "live" } },
  },
  {
    method: "get",
    path: "/ready",
    id: "isReady",
    tag: "monitoring",
    summary: "Whether the server is ready for requests",
    docs: "API.md#health-checks",
    by: [],
    parameters: { ignore: "`store`: whatever the state of the store" },
    replies: {
      200: { description: "It is ready", type: "HealthReply", example: "ready" },
      503: {
        description: "It is stopping, or its store is unavailable",
        type: "HealthReply",
        example: "unready",
      },
    },
  },
  {
    method: "get",
    path: "/metrics",
    id: "getMetrics",
    tag: "monitoring",
    summary: "Get the metrics",
    docs: "OPERATING.md#metrics",
    by: [],
    replies: {
      200: { description: "In the format of Prometheus", media: "text/plain" },
    },
    refusals: ["too_many_requests"],
  },
];

const LEGACY_REPLY = { 200: { description: "See LEGACY.md", media: "text/plain" } } as const;

const FIELDS = {
  privateToken: "The private token of the session",
  lastMessageId: "The id of the last message that the page has",
};

const LEGACY =
  (["post /ChatHandler.ashx", "get /ChatHandler.ashx", "post /ChatChannelHandler.ashx"] as const)
    .map((route): Operation => {
      const isPost = route.startsWith("post");
      const isChannel = route.includes("Channel");
      return {
        method: isPost ? "post" : "get",
        path: isChannel ? "/ChatChannelHandler.ashx" : "/ChatHandler.ashx",
        id: isChannel ? "legacyChannel" : isPost ? "legacy" : "legacyPoll",
        tag: "legacy",
        summary: isPost ? "Send or poll as a legacy page" : "Poll as a legacy page",
        docs: "LEGACY.md#requests",
        by: ["session"],
        ...(isPost ? { text: ["application/x-www-form-urlencoded"] } : { parameters: FIELDS }),
        replies: LEGACY_REPLY,
        refusals: [
          "invalid_request",
          "not_allowed",
          "unknown_recipient",
          "too_many_conversations",
          "text_too_long",
          "too_many_tabs",
          "too_many_polls",
          "closing",
          "store_unavailable",
          ...(isPost ? [] : ["method_not_allowed"] as const),
        ],
        deprecated: true,
      };
    });

/** Every route of the API. A test compares them with those of the app. */
export const OPERATIONS: readonly Operation[] = [
  ...SESSIONS,
  ...PEOPLE,
  ...BACK_ENDS,
  ...MONITORING,
  ...LEGACY,
];
