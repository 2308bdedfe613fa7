import { createPrivateKey, X509Certificate } from "node:crypto";
import { errorMessage } from "../../base/error_message.ts";
import { StartError } from "../../base/start_error.ts";

/** The paths of a certificate and its key, in PEM format. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate with its private key. */
export interface Certificate {
  /** The whole chain, in PEM format. */
  readonly cert: string;
  /** In PEM format. */
  readonly key: string;
  readonly validTo: Date;
}

/** Reads a certificate and its key. Throws a {@linkcode StartError}; its message contains nothing of the key. */
export async function readCertificate(files: CertificateFiles): Promise<Certificate> {
  const cert = await readFile("TLS_CERT", files.certificate);
  const key = await readFile("TLS_KEY", files.key);
  const certificate = attempt(() => new X509Certificate(cert));
  if (certificate === undefined) {
    throw new StartError(
      `TLS_CERT "${files.certificate}" does not contain a certificate in PEM format`,
    );
  }
  const privateKey = attempt(() => createPrivateKey(key));
  if (privateKey === undefined) {
    const hint = key.includes("ENCRYPTED") ? ". Keys with a passphrase are not supported" : "";
    const fault = "does not contain a private key in PEM format";
    throw new StartError(`TLS_KEY "${files.key}" ${fault}${hint}`);
  }
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new StartError(
      `TLS_KEY "${files.key}" does not belong to the certificate TLS_CERT "${files.certificate}"`,
    );
  }
  return { cert, key, validTo: new Date(certificate.validTo) };
}

async function readFile(setting: string, path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound;
    const reason = isMissing ? "the file does not exist" : errorMessage(error);
    throw new StartError(`Cannot read ${setting} "${path}": ${reason}`);
  }
}

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined; // The error messages of OpenSSL do not help.
  }
}
