import type { NodeEvent } from "../../core/model/node_event.ts";
import { Listeners } from "../../base/listeners.ts";
import type {
  KeyValue,
  NodeBus,
  ReceiptStore,
  SessionStore,
  Store,
  TaskQueue,
} from "../../core/model/store.ts";
import type { PortConnection } from "./port_connection.ts";
import { PortLog } from "./port_log.ts";

/** A store in a thread, for another isolate of the same process. `close` is called when it is disposed of. */
export function portStore(connection: PortConnection, close: () => Promise<void>): Store {
  return {
    log: new PortLog(connection),
    sessions: sessionsOf(connection),
    receipts: receiptsOf(connection),
    keyValue: keyValueOf(connection),
    queue: queueOf(connection),
    bus: new PortBus(connection),
    get unavailableReason() {
      return connection.unavailableReason;
    },
    [Symbol.asyncDispose]: close,
  };
}

/** Events reach the listeners of this isolate at once, and those of the others through the thread. */
class PortBus implements NodeBus {
  readonly #connection: PortConnection;
  readonly #listeners = new Listeners<NodeEvent>();

  constructor(connection: PortConnection) {
    this.#connection = connection;
    connection.events.add((event) => this.#listeners.emit(event));
  }

  broadcast(event: NodeEvent): void {
    this.#listeners.emit(event);
    this.#connection.broadcast(event);
  }

  listen(onEvent: (event: NodeEvent) => void): Disposable {
    return this.#listeners.add(onEvent);
  }
}

function sessionsOf(connection: PortConnection): SessionStore {
  return {
    salt: connection.opened.salt,
    upsert: (...args) => connection.call({ name: "sessions.upsert", args: args }),
    addToken: (...args) => connection.call({ name: "sessions.addToken", args: args }),
    count: () => connection.call({ name: "sessions.count", args: [] }),
    findByPrivateToken: (token) =>
      connection.call({ name: "sessions.findByPrivateToken", args: [token] }),
    findByPublicToken: (token) =>
      connection.call({ name: "sessions.findByPublicToken", args: [token] }),
    update: (updates) => connection.call({ name: "sessions.update", args: [updates] }),
    revokeTokens: (...args) => connection.call({ name: "sessions.revokeTokens", args: args }),
    remove: (token) => connection.call({ name: "sessions.remove", args: [token] }),
    removeInactive: (before) =>
      connection.call({ name: "sessions.removeInactive", args: [before] }),
    removeUnused: (before) => connection.call({ name: "sessions.removeUnused", args: [before] }),
    readMarkers: (token) => connection.call({ name: "sessions.readMarkers", args: [token] }),
    setReadMarker: (...args) => connection.call({ name: "sessions.setReadMarker", args: args }),
    removeReadMarker: (...args) =>
      connection.call({ name: "sessions.removeReadMarker", args: args }),
  };
}

function receiptsOf(connection: PortConnection): ReceiptStore {
  return {
    add: (receipts) => connection.call({ name: "receipts.add", args: [receipts] }),
    find: (...args) => connection.call({ name: "receipts.find", args: args }),
    list: (token) => connection.call({ name: "receipts.list", args: [token] }),
    remove: (...args) => connection.call({ name: "receipts.remove", args: args }),
    removeBefore: (time) => connection.call({ name: "receipts.removeBefore", args: [time] }),
  };
}

function keyValueOf(connection: PortConnection): KeyValue {
  return {
    get: (name) => connection.call({ name: "keyValue.get", args: [name] }),
    set: (...args) => connection.call({ name: "keyValue.set", args: args }),
    replace: (...args) => connection.call({ name: "keyValue.replace", args: args }),
    remove: (name) => connection.call({ name: "keyValue.remove", args: [name] }),
    acquireLease: (...args) => connection.call({ name: "keyValue.acquireLease", args: args }),
    releaseLease: (...args) => connection.call({ name: "keyValue.releaseLease", args: args }),
  };
}

function queueOf(connection: PortConnection): TaskQueue {
  return {
    add: (...args) => connection.call({ name: "queue.add", args: args }),
    listDue: (...args) => connection.call({ name: "queue.listDue", args: args }),
    postpone: (task) => connection.call({ name: "queue.postpone", args: [task] }),
    remove: (ids) => connection.call({ name: "queue.remove", args: [ids] }),
    size: () => connection.call({ name: "queue.size", args: [] }),
  };
}
