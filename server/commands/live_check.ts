import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { deadline } from "../base/deadline.ts";
import { errorMessage } from "../base/error_message.ts";
import { reachableHost } from "../base/loopback.ts";
import type { Config } from "../config/config.ts";
import { CommandError } from "./command_error.ts";

const TIMEOUT_MS = 2_000;

/** `Host` is a name that every server on this machine accepts, whatever `ALLOWED_HOSTS` is. */
const REQUEST = "GET /live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

/** Asks the server at the address of these settings whether it is live. Throws a `CommandError` if it is not. */
export async function checkLive(config: Config): Promise<void> {
  const { host, port } = config;
  if (port === 0) throw new CommandError("PORT is 0, any free port: set it to the server's port");
  const socket = open(config);
  try {
    const line = await deadline(readStatusLine(socket), TIMEOUT_MS);
    if (/^HTTP\/1\.1 200 /.test(line)) return;
    throw new Error(`the answer is ${JSON.stringify(line.slice(0, 100))}`);
  } catch (error) {
    throw new CommandError(`No live server at ${host}, port ${port}: ${errorMessage(error)}`);
  } finally {
    socket.destroy();
  }
}

function open({ host, port, certificate }: Config): Socket {
  const address = { host: reachableHost(host), port };
  // The certificate names the public host, and its authority may be unknown here. Nothing secret is sent.
  return certificate ? connectTls({ ...address, rejectUnauthorized: false }) : connect(address);
}

async function readStatusLine(socket: Socket): Promise<string> {
  socket.write(REQUEST);
  let text = "";
  for await (const chunk of socket) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  const [line = ""] = text.split(/\r?\n/);
  return line;
}
