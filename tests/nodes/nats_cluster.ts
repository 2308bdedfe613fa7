import { join } from "node:path";
import { ReservedPort } from "../../server/base/reserved_port.ts";
import { TestFolder } from "../support/test_folder.ts";
import { isInstalled, respondsOk, RestartableProcess } from "./restartable_process.ts";

/** The program of the NATS servers: one of another version can be tested, too. */
export const NATS_SERVER = Deno.env.get("NATS_SERVER") ?? "nats-server";

/** Whether the machine has a NATS server. */
export const HAS_NATS = await isInstalled(NATS_SERVER, "Stores over NATS were");

/**
 * A NATS server of version 2.12 or later, for what the installed one may not have yet: `NEWEST_NATS_SERVER`, or the
 * installed one if it is new enough.
 */
export const NEWEST_NATS_SERVER = await newestServer();

/** The servers that contracts are tested with: the installed one, and the newest one if that is another. */
export const NATS_SERVERS = [
  { name: "NATS", program: NATS_SERVER, ignore: !HAS_NATS },
  {
    name: "the newest NATS",
    program: NEWEST_NATS_SERVER ?? "",
    ignore: NEWEST_NATS_SERVER === undefined,
  },
].filter(({ program }, index) => index === 0 || program !== NATS_SERVER);

async function newestServer(): Promise<string | undefined> {
  const newest = Deno.env.get("NEWEST_NATS_SERVER");
  const versions: string[] = [];
  for (const program of [...(newest ? [newest] : []), ...(HAS_NATS ? [NATS_SERVER] : [])]) {
    const { stdout } = await new Deno.Command(program, { args: ["--version"] }).output();
    const [, version = ""] = / v(\S+)/.exec(new TextDecoder().decode(stdout)) ?? [];
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (major > 2 || minor >= 12) return program;
    versions.push(version);
  }
  console.error(
    "\n!!! NATS servers that sync and that store batches were NOT tested: there is no NATS 2.12 or later, only " +
      `${versions.join(", ") || "none"}. NEWEST_NATS_SERVER names one.\n`,
  );
  return undefined;
}

/** Accounts of which Halley's imports the reports of the servers. */
export function accounts(password: string): string {
  return `
accounts {
  SYS {
    users: [{ user: admin, password: "one-bud" }]
    exports: [{ service: "$SYS.REQ.SERVER.PING.JSZ", response_type: stream, accounts: [HALLEY] }]
  }
  HALLEY {
    jetstream: enabled
    users: [{ user: halley, password: "${password}" }]
    imports: [{ service: { account: SYS, subject: "$SYS.REQ.SERVER.PING.JSZ" } }]
  }
}
system_account: SYS`;
}

/** The ports of one server of a cluster. */
interface Ports {
  readonly client: number;
  readonly cluster: number;
  readonly monitor: number;
}

/** A cluster of NATS servers with JetStream, which can be killed one by one. */
export class NatsCluster implements AsyncDisposable {
  readonly servers: readonly RestartableProcess[];
  readonly #ports: readonly Ports[];
  readonly #folder: TestFolder;
  readonly #reserved = new DisposableStack();

  /** Starts servers; by default, of the installed program. */
  static async start(size = 3, programOf = (_: number) => NATS_SERVER): Promise<NatsCluster> {
    const cluster = new NatsCluster(Array.from({ length: size }, (_, n) => programOf(n)));
    await Promise.all(cluster.servers.map((server) => server.ready()));
    return cluster;
  }

  private constructor(programs: readonly string[]) {
    this.#folder = TestFolder.make();
    const newPort = () => this.#reserved.use(new ReservedPort()).number;
    this.#ports = programs.map(() => ({
      client: newPort(),
      cluster: newPort(),
      monitor: newPort(),
    }));
    this.servers = this.#ports.map((ports, n) => {
      const file = join(this.#folder.path, `nats${n}.conf`);
      Deno.writeTextFileSync(file, this.#configuration(ports, n));
      const isReady = () => respondsOk(`http://127.0.0.1:${ports.monitor}/healthz`);
      const name = programs[n] ?? NATS_SERVER;
      return new RestartableProcess({ name, args: ["-c", file], isReady });
    });
  }

  /** The value for the setting STORE. */
  get store(): string {
    const servers = this.#ports.map(({ client }) => `127.0.0.1:${client}`);
    return `nats://halley:two-leaves-and-a-bud@${servers.join(",")}`;
  }

  /** The number of the server that leads a stream; `undefined` while there is no leader. */
  async leader(stream: string): Promise<number | undefined> {
    for (const { monitor } of this.#ports) {
      const url = `http://127.0.0.1:${monitor}/jsz?streams=1`;
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) })
        .then((response) => response.json()).catch(() => undefined);
      const details = answer?.account_details?.flatMap((
        account: { stream_detail?: { name: string; cluster?: { leader?: string } }[] },
      ) => account.stream_detail ?? []);
      const leader = details?.find(({ name }: { name: string }) => name === stream)?.cluster
        ?.leader;
      if (leader) return Number(leader.replace("nats", ""));
    }
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.servers.map((server) => server[Symbol.asyncDispose]()));
    this.#reserved.dispose();
    this.#folder[Symbol.dispose]();
  }

  #configuration({ client, cluster, monitor }: Ports, n: number): string {
    const routes = this.#ports.map((ports) => `"nats://127.0.0.1:${ports.cluster}"`);
    const clustering = `cluster {
  name: halley
  listen: "127.0.0.1:${cluster}"
  routes: [${routes.join(", ")}]
}`;
    return `
server_name: nats${n}
host: 127.0.0.1
port: ${client}
http: 127.0.0.1:${monitor}
jetstream { store_dir: "${join(this.#folder.path, `store${n}`)}" }
${accounts("two-leaves-and-a-bud")}
${this.#ports.length > 1 ? clustering : ""}
`;
  }
}
