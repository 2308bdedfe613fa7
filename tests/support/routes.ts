/** A request that succeeds for a signed-in user. The body is sent as JSON. */
export interface GoodRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly status: number;
}

/** A request for each route that needs a private token. Signing out comes last. */
export const PROTECTED: readonly GoodRequest[] = [
  { method: "POST", path: "/api/poll", body: {}, status: 200 },
  {
    method: "POST",
    path: "/api/messages",
    body: { channel: "room:tea", text: "hello" },
    status: 201,
  },
  { method: "PATCH", path: "/api/messages/1", body: { text: "hello, all" }, status: 200 },
  { method: "DELETE", path: "/api/messages/1", status: 204 },
  { method: "GET", path: "/api/channels/room:tea/messages", status: 200 },
  { method: "GET", path: "/api/channels/room:tea/presence", status: 200 },
  {
    method: "POST",
    path: "/api/signals",
    body: { channel: "room:tea", type: "typing" },
    status: 202,
  },
  { method: "GET", path: "/api/rooms", status: 200 },
  { method: "GET", path: "/api/conversations", status: 200 },
  { method: "PUT", path: "/api/conversations/room:tea", body: { readUpTo: 0 }, status: 204 },
  { method: "DELETE", path: "/api/conversations/room:tea", status: 204 },
  { method: "GET", path: "/api/session", status: 200 },
  { method: "PATCH", path: "/api/session", body: { displayName: "Alice" }, status: 200 },
  { method: "POST", path: "/api/session/transfer", body: {}, status: 201 },
  { method: "GET", path: "/api/push", status: 200 },
  {
    method: "PUT",
    path: "/api/push",
    body: {
      subscription: {
        endpoint: "https://fcm.googleapis.com/fcm/send/alice",
        keys: { p256dh: "B".padEnd(87, "x"), auth: "a".repeat(22) },
      },
    },
    status: 204,
  },
  {
    method: "DELETE",
    path: "/api/push",
    body: { endpoint: "https://fcm.googleapis.com/fcm/send/alice" },
    status: 204,
  },
  { method: "DELETE", path: "/api/session", status: 204 },
];

/** A request for each route that needs none. */
export const OPEN: readonly GoodRequest[] = [
  { method: "POST", path: "/api/sessions", body: { displayName: "alice" }, status: 201 },
  { method: "GET", path: "/api/channels/room:tea/guest-access", status: 200 },
  { method: "GET", path: "/live", status: 200 },
  { method: "GET", path: "/ready", status: 200 },
];
