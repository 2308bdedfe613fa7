import type {
  AdminOverview,
  AdminRoomsReply,
  Deliveries,
  Erasure,
  HealthReply,
  LiveSessionsReply,
  MessageTrace,
  PublishedMessage,
  PublishReply,
  SignedInUser,
} from "../../server/protocol/admin_replies.ts";
import type { AuditReply, Ban, BansReply } from "../../server/protocol/moderation_replies.ts";
import type { Message, MessageFile, Person } from "../../server/protocol/message.ts";
import type {
  ConversationsReply,
  FirstReply,
  GuestAccess,
  HistoryReply,
  PollReply,
  PresenceReply,
  PushReply,
  RoomsReply,
  SearchReply,
  SessionReply,
  SignedIn,
  Transfer,
} from "../../server/protocol/replies.ts";
import type {
  BanRequest,
  ConversationRequest,
  CreateTransferRequest,
  EditRequest,
  EndPushRequest,
  PollRequest,
  Publication,
  PushRequest,
  RenameRequest,
  SendRequest,
  SignalRequest,
  SignInRequest,
  TransferRequest,
} from "../../server/protocol/requests.ts";

const at = 1795394533514;
const alice = { publicToken: "cYc8Dlk16xzi2wVZ", displayName: "alice" };
const bob = { publicToken: "0wC8BvuuufPfVVhX", displayName: "bob" };
const transferCode = "cYc8Dlk16xzi2wVZ.nG1xq0mT3b7Zr5yWc8LdJf2KsV9hUaQe";
const pushKey =
  "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const pushEndpoint = "https://fcm.googleapis.com/fcm/send/cYc8Dlk16xzi2wVZ";
const privateToken = "pdUJoTNdw0l95usVWcdutMxY0EXXTQPu";
const message: Message = { id: 1, channel: "room:tea", from: alice, text: "hello", at };
const edited: Message = { ...message, text: "hello, all", editedAt: at + 5_000 };
const reacted: Message = { ...message, reactions: [{ emoji: "👍", by: [bob.publicToken] }] };
const session: SessionReply = {
  ...alice,
  settings: {
    keyAge: 86_400_000,
    textBytes: 8192,
    editTime: 86_400_000,
    hold: 25_000,
    heartbeat: 0,
    auth: "guest",
    home: "room:lobby",
    fileBytes: 26_214_400,
  },
};
const ban: Ban = {
  kind: "address",
  id: "203.0.113.0/24",
  at,
  by: "api:boss",
  until: at + 86_400_000,
  reason: "flood",
};
const deliveries: Deliveries = {
  id: 2,
  channel: `notice:${bob.publicToken}`,
  at,
  recipient: { ...bob, userId: "42" },
  state: "delivered",
  deliveredAt: at + 530,
  tabs: [{ tab: "phone", state: "delivered", deliveredAt: at + 530 }],
};
const trace: MessageTrace = {
  message: { id: 2, channel: `notice:${bob.publicToken}`, at },
  topics: [`notice:${bob.publicToken}`, `inbox:${bob.publicToken}`],
  recipient: { session: bob.publicToken, polled: true },
  readers: [{
    session: bob.publicToken,
    tab: "phone",
    verdict: "polling",
    events: [{ event: "woken", session: bob.publicToken, tab: "phone", at }],
  }],
  since: at - 60_000,
};

/** Example bodies of requests and replies. The compiler checks them, and a test against the document. */
export const EXAMPLES = {
  signIn: { displayName: "alice" } satisfies SignInRequest,
  rename: { displayName: "alice" } satisfies RenameRequest,
  createTransfer: {} satisfies CreateTransferRequest,
  transfer: { code: transferCode, expires: at + 600_000 } satisfies Transfer,
  transferRequest: { code: transferCode } satisfies TransferRequest,
  push: { publicKey: pushKey } satisfies PushReply,
  pushRequest: {
    subscription: {
      endpoint: pushEndpoint,
      keys: { p256dh: pushKey, auth: "BTBZMqHH6r4Tts7J_aSIgg" },
    },
    contents: false,
  } satisfies PushRequest,
  endPush: { endpoint: pushEndpoint } satisfies EndPushRequest,
  file: {
    id: "VdFZ0F0yGq0cQ2yJp1w0Ug",
    name: "tea.jpg",
    type: "image/jpeg",
    size: 48_213,
    width: 1_600,
    height: 1_200,
  } satisfies MessageFile,
  person: { publicToken: session.publicToken, displayName: "alice" } satisfies Person,
  signedIn: { ...session, privateToken } satisfies SignedIn,
  signedInUser: { ...session, privateToken, userId: "42" } satisfies SignedInUser,
  session,
  guestAccess: { settings: session.settings, read: true, write: true } satisfies GuestAccess,
  poll: {
    cursor: "1nhv1btaz2mkm.0",
    channels: ["room:tea"],
    tab: "laptop",
    turn: at,
  } satisfies PollRequest,
  pollReply: {
    outcome: "message",
    cursor: "1nhv1btaz2mkm.2",
    messages: [message],
    changes: [{ id: 2, message: edited, channel: "room:tea", at: at + 5_000 }],
    signals: [],
    gap: false,
    retryAfter: 0,
  } satisfies PollReply,
  send: { channel: "room:tea", text: "hello", key: "tea-1" } satisfies SendRequest,
  message,
  edit: { text: "hello, all" } satisfies EditRequest,
  edited,
  reacted,
  first: { message } satisfies FirstReply,
  search: { hits: [{ message, words: [{ start: 0, end: 5 }] }] } satisfies SearchReply,
  history: { messages: [message], more: false } satisfies HistoryReply,
  presence: {
    present: [{ ...bob, state: "active", lastSeen: at }],
    total: 1,
  } satisfies PresenceReply,
  rooms: { rooms: [{ channel: "room:tea", present: 1 }] } satisfies RoomsReply,
  conversations: {
    conversations: [{ channel: "room:tea", readUpTo: 1, unread: 0, mentions: 0, last: message }],
  } satisfies ConversationsReply,
  conversation: {
    readUpTo: 1,
    notify: "mentions",
    pinned: true,
    unreadFrom: 1,
  } satisfies ConversationRequest,
  signal: { channel: "room:tea", type: "typing" } satisfies SignalRequest,
  publication: {
    to: "user:42",
    title: "Parcel 1234",
    text: "It is on its way",
    key: "parcel-1234-shipped",
  } satisfies Publication,
  published: {
    messages: [{ id: 2, channel: `notice:${bob.publicToken}`, repeated: false }],
  } satisfies PublishReply,
  publishedMessage: { id: 1, channel: "room:office", repeated: false } satisfies PublishedMessage,
  deliveries,
  erasure: {
    id: bob.publicToken,
    state: "running",
    startedAt: at,
    scanned: 1_500,
    erased: 12,
  } satisfies Erasure,
  trace,
  overview: {
    version: "0.1.0",
    node: "5f0c4f52-31d2-4b5e-9f5c-6a3f5be7f5a1",
    startedAt: at,
    now: at + 60_000,
    parked: 214,
    present: 215,
    sessions: 812,
    rooms: 12,
    windowBytes: 154_021,
    memoryBytes: 97_251_328,
    isTraced: true,
    counts: { messages: 941, deliveries: 12_012, gaps: 0, polls: 12_455, refusals: 3 },
  } satisfies AdminOverview,
  liveSessions: {
    sessions: [{
      ...alice,
      state: "active",
      since: at,
      lastSeen: at + 50_000,
      rooms: ["room:tea"],
      tabs: [{ tab: "x7", state: "active", parked: true, rooms: ["room:tea"] }],
      elsewhere: 0,
    }],
    more: false,
  } satisfies LiveSessionsReply,
  banRequest: {
    address: "203.0.113.0/24",
    duration: 86_400_000,
    reason: "flood",
  } satisfies BanRequest,
  audit: {
    entries: [
      { id: 7, at, by: "api:boss", action: "kick", kind: "session", target: bob.publicToken },
    ],
    more: false,
  } satisfies AuditReply,
  ban,
  bans: { bans: [ban], total: 1 } satisfies BansReply,
  liveRooms: { rooms: [{ channel: "room:tea", present: 2 }], total: 1 } satisfies AdminRoomsReply,
  live: { status: "live" } satisfies HealthReply,
  ready: { status: "ready" } satisfies HealthReply,
  unready: { status: "unready", reason: "The server is stopping" } satisfies HealthReply,
};
