import type { Logger } from "../../base/logger.ts";
import { StartError } from "../../base/start_error.ts";
import type { Listener } from "../listener.ts";
import { type CertificateFiles, readCertificate } from "./certificate.ts";

/**
 * Reloads the certificate when its files have changed. If they cannot be used, that is logged once and the listener keeps
 * its certificate.
 */
export class CertificateReload {
  readonly #files: CertificateFiles;
  readonly #listener: Listener;
  readonly #logger: Logger;
  #loggedReason = "";

  constructor(files: CertificateFiles, listener: Listener, logger: Logger) {
    this.#files = files;
    this.#listener = listener;
    this.#logger = logger;
  }

  /** Reads the files, and replaces the certificate if they have changed. Called at an interval. */
  async run(): Promise<void> {
    try {
      const certificate = await readCertificate(this.#files);
      this.#loggedReason = "";
      if (!await this.#listener.replaceCertificate(certificate)) return;
      const validTo = certificate.validTo.toISOString();
      this.#logger.write("info", "certificate_renewed", { validTo });
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      // Certificate and key do not match for a moment while they are written one after the other.
      if (error.message !== this.#loggedReason) {
        this.#logger.write("warn", "certificate_unusable", { reason: error.message });
      }
      this.#loggedReason = error.message;
    }
  }
}
