import { errorMessage } from "../../base/error_message.ts";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { StartError } from "../../base/start_error.ts";

/** Where a certificate and its key lie, as PEM. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate and its key, which fit. */
export interface Certificate {
  /** PEM, the whole chain. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** When it runs out. */
  readonly validTo: Date;
}

/** Reads a certificate and its key. Throws a {@linkcode StartError}; its message contains nothing of the key. */
export async function readCertificate(files: CertificateFiles): Promise<Certificate> {
  const cert = await readFile("TLS_CERT", files.certificate);
  const key = await readFile("TLS_KEY", files.key);
  const certificate = parsed(() => new X509Certificate(cert));
  if (certificate === undefined) {
    throw new StartError(`TLS_CERT holds no certificate in PEM: "${files.certificate}"`);
  }
  const privateKey = parsed(() => createPrivateKey(key));
  if (privateKey === undefined) {
    const hint = key.includes("ENCRYPTED") ? "; one with a passphrase cannot be used" : "";
    throw new StartError(`TLS_KEY holds no private key in PEM: "${files.key}"${hint}`);
  }
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new StartError(
      `TLS_KEY "${files.key}" is not the key of the certificate TLS_CERT "${files.certificate}"`,
    );
  }
  return { cert, key, validTo: new Date(certificate.validTo) };
}

async function readFile(setting: string, path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound;
    const reason = errorMessage(error);
    throw new StartError(
      `Cannot read ${setting} "${path}": ${isMissing ? "there is no such file" : reason}`,
    );
  }
}

function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined; // The reasons that OpenSSL gives help nobody.
  }
}
