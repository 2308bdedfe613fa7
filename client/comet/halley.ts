/**
 * The client of a Halley server, for browsers, Deno and Node.
 *
 * @module
 */
import "./cross_tab/share.ts";
import "./dispose.ts";

export { findTransfer, signIn, useTransfer } from "./api.ts";
export type {
  ChangeOptions,
  CometClientOptions,
  CometEvents,
  HistoryOptions,
} from "./client_options.ts";
export { CometClient } from "./comet_client.ts";
export type { ConnectionState, StopReason } from "./connection_state.ts";
export { HalleyError } from "./halley_error.ts";
export { randomKey } from "./random_key.ts";
export { readFile, type ReadOptions } from "./read_file.ts";
export { firstMessage, type FirstOptions, searchMessages, type SearchOptions } from "./search.ts";
export type { SendOptions } from "./send.ts";
export { uploadFile, type UploadOptions } from "./upload_file.ts";
export type {
  ActiveRoom,
  Conversation,
  ConversationsReply,
  Correspondent,
  HistoryReply,
  PresenceReply,
  Present,
  RefusedChannel,
  RoomListReply,
  RoomsReply,
  RoomSummary,
  SearchHit,
  SearchReply,
  ServerSettings,
  SessionReply,
  SignedIn,
  TextRange,
  Transfer,
} from "../../server/protocol/replies.ts";
export type {
  Change,
  Json,
  Message,
  MessageFile,
  Person,
  Reaction,
  RoomEvent,
  Speaker,
} from "../../server/protocol/message.ts";
export type { PresenceState, Signal } from "../../server/protocol/signal.ts";
export type { EditRequest, SendRequest } from "../../server/protocol/requests.ts";
