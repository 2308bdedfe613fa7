import { join } from "node:path";

/** Makes certificates with an authority of its own. */
export class CertificateAuthority {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** `ca.pem` in `folder` is its certificate. */
  static async create(folder: string): Promise<CertificateAuthority> {
    const ca = new CertificateAuthority(folder);
    const extension = ["-addext", "basicConstraints=critical,CA:TRUE"];
    await ca.#openssl("req", "-x509", ...KEY, "-subj", "/CN=Authority", ...extension, ...out("ca"));
    return ca;
  }

  /** The path of the authority's certificate. */
  get path(): string {
    return join(this.#folder, "ca.pem");
  }

  /** Makes `<name>.pem` and `<name>.key`, for a host such as `IP:127.0.0.1`. */
  async issue(name: string, host: string): Promise<void> {
    const extensions = `subjectAltName=${host}\nbasicConstraints=critical,CA:FALSE\n`;
    await Deno.writeTextFile(join(this.#folder, `${name}.ext`), extensions);
    await this.#openssl("req", ...KEY, "-subj", `/CN=${name}`, ...out(name));
    await Deno.rename(join(this.#folder, `${name}.pem`), join(this.#folder, `${name}.csr`));
    await this.#openssl(
      ...["x509", "-req", "-in", `${name}.csr`, "-CA", "ca.pem", "-CAkey", "ca.key"],
      ...["-CAcreateserial", "-days", "2", "-extfile", `${name}.ext`, "-out", `${name}.pem`],
    );
  }

  read(file: string): Promise<string> {
    return Deno.readTextFile(join(this.#folder, file));
  }

  async #openssl(...args: string[]): Promise<void> {
    const { success, stderr } = await new Deno.Command("openssl", {
      args,
      cwd: this.#folder,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  }
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

function out(name: string): string[] {
  return ["-keyout", `${name}.key`, "-out", `${name}.pem`];
}
