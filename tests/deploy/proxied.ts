import { join } from "node:path";
import { RemoteChat } from "../support/remote_chat.ts";
import { waitUntil } from "../support/wait_until.ts";
import { TestFolder } from "../support/test_folder.ts";
import { makeCertificate } from "./certificate.ts";
import type { Placing, Proxy } from "./proxies.ts";

const SNIPPETS = join(import.meta.dirname!, "../../docs/deploy");

/** Two Halleys. */
export interface Upstreams extends AsyncDisposable {
  readonly left: { readonly address: string };
  readonly right: { readonly address: string };
}

/** A proxy that runs with its snippet from the documentation, and two Halleys behind it. */
export class Proxied<N extends Upstreams> implements AsyncDisposable {
  readonly nodes: N;
  readonly port: number;
  readonly plainPort: number;
  /** What believes the proxy's certificate. */
  readonly certificate: string;
  /** The way to Halley through the proxy. */
  readonly chat: RemoteChat;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    nodes: N,
    chat: RemoteChat,
    { port, plainPort }: Placing,
    certificate: string,
    stack: AsyncDisposableStack,
  ) {
    this.nodes = nodes;
    this.chat = chat;
    this.port = port;
    this.plainPort = plainPort;
    this.certificate = certificate;
    this.#stack = stack;
  }

  /** Starts the proxy, with nodes that it disposes in the end. */
  static async start<N extends Upstreams>(proxy: Proxy, nodes: N): Promise<Proxied<N>> {
    await using stack = new AsyncDisposableStack();
    stack.use(nodes);
    const folder = stack.use(TestFolder.make()).path;
    const certificate = await makeCertificate(folder);
    const { left: { address: left }, right: { address: right } } = nodes;
    const placing = { left, right, folder, port: freePort(), plainPort: freePort() };
    const path = await writeConfiguration(proxy, placing);
    const running = stack.use(new RunningProxy(proxy, path, folder));
    await running.listens(placing.port);
    const chat = stack.use(new RemoteChat(`https://127.0.0.1:${placing.port}`, [certificate]));
    return new Proxied(nodes, chat, placing, certificate, stack.move());
  }

  /** A connection that says nothing by itself. */
  connect(): Promise<Deno.TlsConn> {
    return Deno.connectTls({
      hostname: "127.0.0.1",
      port: this.port,
      caCerts: [this.certificate],
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** Whether a program is there to be run; where it is not, says aloud that it was not tried. */
export function isThere(name: string, program: string): boolean {
  const folders = (Deno.env.get("PATH") ?? "").split(":").concat("/usr/sbin", "/sbin");
  const found = folders.some((folder) => isFile(join(folder, program)));
  if (!found) {
    console.error(`
!!! The snippet for ${name} was NOT tried: there is no ${program} on this machine.
!!! \`apt-get install ${program}\`, and run this test again.
`);
  }
  return found;
}

class RunningProxy implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #said: Promise<[string, string]>;
  #hasEnded = false;

  constructor(proxy: Proxy, path: string, folder: string) {
    const { PATH = "" } = Deno.env.toObject();
    this.#child = new Deno.Command(proxy.program, {
      args: proxy.args(path),
      cwd: folder,
      env: { PATH: `${PATH}:/usr/sbin:/sbin`, HOME: folder },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const { stdout, stderr } = this.#child;
    this.#said = Promise.all([new Response(stdout).text(), new Response(stderr).text()]);
    this.#child.status.then(() => this.#hasEnded = true);
  }

  async listens(port: number): Promise<void> {
    await waitUntil(async () => {
      if (this.#hasEnded) throw new Error((await this.#said).join("\n"));
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port })).close();
        return true;
      } catch {
        return false;
      }
    }, "the proxy listens");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#said;
  }
}

async function writeConfiguration(proxy: Proxy, placing: Placing): Promise<string> {
  const snippet = await Deno.readTextFile(join(SNIPPETS, proxy.snippet));
  const path = join(placing.folder, proxy.snippet);
  await Deno.writeTextFile(path, proxy.place(snippet, placing));
  if (proxy.surroundings === undefined) return path;
  const main = join(placing.folder, "main.conf");
  await Deno.writeTextFile(main, proxy.surroundings(path, placing));
  return main;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
