import { join } from "node:path";
import { ReservedPort } from "../../server/base/reserved_port.ts";
import { TestFolder } from "../support/test_folder.ts";
import { respondsOk, RestartableProcess } from "./restartable_process.ts";

/** An HAProxy that sends each request to the next node, without sticky sessions. */
export class RoundRobin implements AsyncDisposable {
  readonly url: string;
  readonly #port = new ReservedPort();
  readonly #folder: TestFolder;
  readonly #process: RestartableProcess;

  static async start(nodes: readonly string[]): Promise<RoundRobin> {
    const proxy = new RoundRobin(nodes);
    await proxy.#process.ready();
    return proxy;
  }

  private constructor(nodes: readonly string[]) {
    const { number: port } = this.#port;
    this.url = `http://127.0.0.1:${port}/`;
    this.#folder = TestFolder.make();
    const file = join(this.#folder.path, "haproxy.cfg");
    Deno.writeTextFileSync(file, configuration(nodes, port));
    const isReady = () => respondsOk(`${this.url}ready`);
    this.#process = new RestartableProcess({ name: "haproxy", args: ["-db", "-f", file], isReady });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    this.#port[Symbol.dispose]();
    this.#folder[Symbol.dispose]();
  }
}

function configuration(nodes: readonly string[], port: number): string {
  const servers = nodes.map((url, n) => `  server node${n} ${new URL(url).host} check`);
  return `
global
  maxconn 2000
defaults
  mode http
  timeout connect 2s
  timeout client 75s
  timeout server 75s
  timeout http-keep-alive 75s
  option http-keep-alive
  option redispatch 1
  retries 3
frontend front
  bind 127.0.0.1:${port}
  default_backend nodes
backend nodes
  balance roundrobin
  option httpchk GET /ready
  default-server inter 200ms fall 1 rise 1
${servers.join("\n")}
`;
}
