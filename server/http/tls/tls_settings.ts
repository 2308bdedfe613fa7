import type { SettingReader } from "../../base/setting_reader.ts";
import type { CertificateFiles } from "./certificate.ts";

/** Reads the paths of the certificate and its private key; `undefined` without HTTPS. */
export function readTlsSettings(read: SettingReader): CertificateFiles | undefined {
  const [certificate, key] = [read.text("TLS_CERT", "none"), read.text("TLS_KEY", "none")];
  if (certificate === "none" && key === "none") return undefined;
  if (certificate === "none") read.addError("TLS_KEY is set, but TLS_CERT is not: set both");
  if (key === "none") read.addError("TLS_CERT is set, but TLS_KEY is not: set both");
  return { certificate, key };
}
