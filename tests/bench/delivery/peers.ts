import { join } from "node:path";
import manifest from "../../../deno.json" with { type: "json" };

/** A server with its own client library, and how they are set. */
export interface Peer {
  readonly title: string;
  /** What was installed; its versions are exact. */
  readonly packages: Readonly<Record<string, string>>;
  /** The settings that are not the defaults, for the report. */
  readonly settings: string;
  /** What it promises by its own documentation, for the report. */
  readonly promise: string;
  /** The module in `peers/` with its client and, unless `start` is given, its server. */
  readonly module: string;
  /** Passed to that module. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** How to start the server, if not with Node. */
  readonly start?: (place: Place) => Command | Promise<Command>;
  /** A program that has to be installed. */
  readonly needs?: "nginx";
  /** Whether it stores messages in Redis, which has to be installed too. */
  readonly usesRedis?: boolean;
  readonly publish?: { readonly path: string; readonly headers: Readonly<Record<string, string>> };
}

/** Where a server runs. */
export interface Place {
  readonly port: number;
  /** A folder of its own, which stays when the server restarts. */
  readonly folder: string;
  /** The port of its Redis, if it uses one. */
  readonly redisPort: number | undefined;
}

/** How to start a process. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const API_KEY = "benchmark-key-of-more-than-22-characters";

const AT_MOST_ONCE = "at most once: what is sent while a reader is disconnected is lost";

const SOCKET_IO = { "socket.io": "4.8.4", "socket.io-client": "4.8.4" } as const;
const FAYE = { "faye": "1.4.3" } as const;
const COMETD = {
  "cometd": "9.0.0",
  "cometd-nodejs-client": "2.0.0",
  "cometd-nodejs-server": "1.2.1",
} as const;
const NCHAN = { "nchan": "1.0.10", "eventsource": "4.1.1", "xhr2": "0.2.1" } as const;
const MQTT = { "aedes": "1.2.0", "mqtt": "5.16.0", "ws": "8.23.0" } as const;

const BUFFER = "nchan_message_buffer_length 1000;";

const NCHAN_PROMISE = "resumes after the last message while its buffer has it; memory only";

/** All servers that can be compared, by the name in `--only`. */
export const PEERS = {
  "halley": {
    title: "Halley",
    packages: {},
    settings: "SQLite; `LIMITS=off`, because all readers have one address",
    promise: "exactly once and in order, over restarts too; a gap is told",
    module: "halley.mjs",
    start: startHalley,
    publish: {
      path: "/api/channels/room:tea/messages",
      headers: { "authorization": `Bearer ${API_KEY}` },
    },
  },
  "socketio": {
    title: "Socket.IO",
    packages: SOCKET_IO,
    settings: "defaults",
    promise: AT_MOST_ONCE,
    module: "socketio.mjs",
  },
  "socketio-recovery": {
    title: "Socket.IO with connection state recovery",
    packages: SOCKET_IO,
    settings: "`connectionStateRecovery: {}`: 2 minutes, in memory",
    promise: "recovers a disconnected reader if it can, and tells whether it could (`recovered`)",
    module: "socketio.mjs",
    options: { recovers: true },
  },
  "socketio-redis": {
    title: "Socket.IO with recovery from Redis",
    packages: { ...SOCKET_IO, "@socket.io/redis-streams-adapter": "0.3.1", "redis": "6.3.1" },
    settings: "the same with the adapter for Redis Streams; Redis is not restarted",
    promise: "the same, and can recover over a restart",
    module: "socketio.mjs",
    options: { recovers: true },
    usesRedis: true,
  },
  "faye": {
    title: "Faye",
    packages: FAYE,
    settings: "defaults: WebSocket; `timeout: 45`, as in its documentation",
    promise: "at most once: its server queues messages for a client until it times out",
    module: "faye.mjs",
  },
  "faye-polling": {
    title: "Faye, long polling",
    packages: FAYE,
    settings: '`disable("websocket")`; `timeout: 45`',
    promise: "the same",
    module: "faye.mjs",
    options: { polls: true },
  },
  "cometd": {
    title: "CometD for Node",
    packages: COMETD,
    settings: "defaults: long polling",
    promise: "at most once: its server queues messages for a session until it expires",
    module: "cometd.mjs",
  },
  "cometd-acks": {
    title: "CometD for Node with acknowledgements",
    packages: COMETD,
    settings: "acknowledgement extension on both sides, `maxInterval: 60000`",
    promise: "repeats what was not acknowledged while the session lives; memory only",
    module: "cometd.mjs",
    options: { acknowledges: true },
  },
  "nchan": {
    title: "Nchan, long polling",
    packages: NCHAN,
    settings: "defaults: a buffer of 10 messages",
    promise: NCHAN_PROMISE,
    module: "nchan.mjs",
    options: { transport: "longpoll" },
    start: startNchan,
    needs: "nginx",
    publish: { path: "/pub/tea", headers: {} },
  },
  "nchan-buffer": {
    title: "Nchan, long polling, large buffer",
    packages: NCHAN,
    settings: `\`${BUFFER}\``,
    promise: NCHAN_PROMISE,
    module: "nchan.mjs",
    options: { transport: "longpoll" },
    start: (place) => startNchan(place, BUFFER),
    needs: "nginx",
    publish: { path: "/pub/tea", headers: {} },
  },
  "nchan-events": {
    title: "Nchan, EventSource, large buffer",
    packages: NCHAN,
    settings: `\`${BUFFER}\``,
    promise: NCHAN_PROMISE,
    module: "nchan.mjs",
    options: { transport: "eventsource" },
    start: (place) => startNchan(place, BUFFER),
    needs: "nginx",
    publish: { path: "/pub/tea", headers: {} },
  },
  "nchan-redis": {
    title: "Nchan, long polling, large buffer in Redis",
    packages: NCHAN,
    settings: `\`${BUFFER} nchan_redis_pass …\`; Redis is not restarted`,
    promise: "resumes after the last message while its buffer has it, over restarts too",
    module: "nchan.mjs",
    options: { transport: "longpoll" },
    start: (place) => startNchan(place, `${BUFFER} nchan_redis_pass redis;`),
    needs: "nginx",
    usesRedis: true,
    publish: { path: "/pub/tea", headers: {} },
  },
  "events": {
    title: "Server-sent events with ids",
    packages: { "eventsource": "4.1.1" },
    settings: "40 lines of our own: a ring of 1,000 messages, `Last-Event-ID`",
    promise: "resumes after the last message while the ring has it, else tells; memory only",
    module: "events.mjs",
  },
  "mqtt": {
    title: "MQTT, QoS 0 (Aedes and MQTT.js over WebSocket)",
    packages: MQTT,
    settings: "defaults",
    promise: AT_MOST_ONCE,
    module: "mqtt.mjs",
    options: { qos: 0 },
  },
  "mqtt-sessions": {
    title: "MQTT, QoS 1 with sessions (the same)",
    packages: MQTT,
    settings: "`qos: 1`, `clean: false`; sessions in memory",
    promise: "at least once while the broker has the session; tells if it has not",
    module: "mqtt.mjs",
    options: { qos: 1 },
  },
  "websocket": {
    title: "WebSocket with reconnecting-websocket",
    packages: { "ws": "8.23.0", "reconnecting-websocket": "4.4.0" },
    settings: "defaults",
    promise: AT_MOST_ONCE,
    module: "websocket.mjs",
  },
} as const satisfies Readonly<Record<string, Peer>>;

/** The name of a server that can be compared. */
export type PeerName = keyof typeof PEERS;

/** Halley as `deno task start` runs it. */
function startHalley({ port, folder }: Place): Command {
  const words = manifest.tasks.start.command.split(" ").slice(1, -1);
  return {
    program: Deno.execPath(),
    args: [...words, join(import.meta.dirname ?? ".", "..", "..", "..", "main.ts")],
    env: {
      PORT: String(port),
      HOST: "127.0.0.1",
      STORE: `sqlite:${folder}/h.db`,
      API_KEYS: `bench:publish:${API_KEY}`,
      LIMITS: "off",
      LOG_LEVEL: "warn",
    },
  };
}

/** One worker, as for the other servers. */
async function startNchan(
  { port, folder, redisPort }: Place,
  settings = "",
): Promise<Command> {
  const redis = redisPort === undefined
    ? ""
    : `upstream redis { nchan_redis_server redis://127.0.0.1:${redisPort}; }`;
  const configuration = `
    load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
    daemon off;
    user root;
    worker_processes 1;
    pid ${folder}/pid;
    error_log ${folder}/error.log warn;
    events { worker_connections 2000; }
    http {
      access_log off;
      default_type text/plain;
      client_body_temp_path ${folder}/body;
      ${redis}
      server {
        listen 127.0.0.1:${port};
        location = /pub/tea {
          nchan_publisher;
          nchan_channel_id tea;
          ${settings}
        }
        location = /sub/tea {
          nchan_subscriber;
          nchan_channel_id tea;
          nchan_subscriber_first_message newest;
          ${redisPort === undefined ? "" : "nchan_redis_pass redis;"}
        }
      }
    }`;
  await Deno.writeTextFile(join(folder, "nginx.conf"), configuration);
  return { program: "nginx", args: ["-p", folder, "-c", join(folder, "nginx.conf")] };
}
