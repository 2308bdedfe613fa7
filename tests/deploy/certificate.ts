import { join } from "node:path";

/** Makes a self-signed certificate for 127.0.0.1: `site.pem`, `site.key` and `both.pem` in `folder`. Returns the certificate. */
export async function makeCertificate(folder: string): Promise<string> {
  const [certificate, key] = [join(folder, "site.pem"), join(folder, "site.key")];
  const { success, stderr } = await new Deno.Command("openssl", {
    args: [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-days", "2", "-subj", "/CN=127.0.0.1"],
      ...["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"],
      ...["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", key, "-out", certificate],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const pem = await Deno.readTextFile(certificate);
  await Deno.writeTextFile(join(folder, "both.pem"), pem + await Deno.readTextFile(key));
  return pem;
}
