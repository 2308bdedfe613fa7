import { ReservedPort } from "../../server/base/reserved_port.ts";
import { basename, join } from "node:path";
import { RemoteChat } from "../support/remote_chat.ts";
import { waitUntil } from "../support/wait_until.ts";
import { TestFolder } from "../support/test_folder.ts";
import { makeCertificate } from "./certificate.ts";
import type { Placement, Proxy } from "./proxies.ts";

const SNIPPETS = join(import.meta.dirname!, "../../docs/deploy");

/** The two servers behind a proxy. */
export interface Upstreams extends AsyncDisposable {
  readonly left: { readonly address: string };
  readonly right: { readonly address: string };
}

/** A running proxy, configured with its snippet from the documentation, and two servers behind it. */
export class Proxied<N extends Upstreams> implements AsyncDisposable {
  readonly nodes: N;
  readonly port: number;
  readonly plainPort: number;
  /** The proxy's certificate, for clients to trust. */
  readonly certificate: string;
  /** A client that talks to the servers through the proxy. */
  readonly chat: RemoteChat;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    nodes: N,
    chat: RemoteChat,
    { port, plainPort }: Placement,
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

  /** Starts the proxy. The nodes are disposed with it. */
  static async start<N extends Upstreams>(proxy: Proxy, nodes: N): Promise<Proxied<N>> {
    await using stack = new AsyncDisposableStack();
    stack.use(nodes);
    const folder = stack.use(TestFolder.make()).path;
    const certificate = await makeCertificate(folder);
    const { left: { address: left }, right: { address: right } } = nodes;
    const { number: port } = stack.use(new ReservedPort());
    const { number: plainPort } = stack.use(new ReservedPort());
    const placement = { left, right, folder, port, plainPort };
    const path = await writeConfiguration(proxy, placement);
    const running = stack.use(new RunningProxy(proxy, path, folder));
    await running.untilListening(placement.port);
    const chat = stack.use(new RemoteChat(`https://127.0.0.1:${placement.port}`, [certificate]));
    return new Proxied(nodes, chat, placement, certificate, stack.move());
  }

  /** Opens a TLS connection to the proxy, and sends nothing. */
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

/** Whether a program is installed. If not, prints that its snippet is not tested. */
export function isInstalled(name: string, program: string): boolean {
  const folders = (Deno.env.get("PATH") ?? "").split(":").concat("/usr/sbin", "/sbin");
  const found = folders.some((folder) => isFile(join(folder, program)));
  if (!found) {
    console.error(`
!!! The snippet for ${name} was NOT tested: ${program} is not installed.
!!! Install it (\`apt-get install ${program}\`) and run this test again.
`);
  }
  return found;
}

class RunningProxy implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #output: Promise<[string, string]>;
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
    this.#output = Promise.all([new Response(stdout).text(), new Response(stderr).text()]);
    this.#child.status.then(() => this.#hasEnded = true);
  }

  async untilListening(port: number): Promise<void> {
    await waitUntil(async () => {
      if (this.#hasEnded) throw new Error((await this.#output).join("\n"));
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
    await this.#output;
  }
}

async function writeConfiguration(proxy: Proxy, placement: Placement): Promise<string> {
  const snippet = await Deno.readTextFile(join(SNIPPETS, proxy.snippet));
  const path = join(placement.folder, basename(proxy.snippet));
  await Deno.writeTextFile(path, proxy.adapt(snippet, placement));
  if (proxy.mainConfiguration === undefined) return path;
  const main = join(placement.folder, "main.conf");
  await Deno.writeTextFile(main, proxy.mainConfiguration(path, placement));
  return main;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
