import { StartError } from "../../base/start_error.ts";
import { type CertificateFiles, readCertificate } from "./certificate.ts";
import type { Logger } from "../../base/logger.ts";
import type { Listener } from "../listener.ts";

/**
 * Looks whether a certificate was renewed, and has the listener use the new one. What cannot be used is logged once, and
 * the old one stays.
 */
export class CertificateReload {
  readonly #files: CertificateFiles;
  readonly #listener: Listener;
  readonly #events: Logger;
  #trouble = "";

  constructor(files: CertificateFiles, listener: Listener, events: Logger) {
    this.#files = files;
    this.#listener = listener;
    this.#events = events;
  }

  async look(): Promise<void> {
    try {
      const certificate = await readCertificate(this.#files);
      this.#trouble = "";
      if (!await this.#listener.renew(certificate)) return;
      const validTo = certificate.validTo.toISOString();
      this.#events.write("info", "certificate_renewed", { validTo });
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      // A pair whose files are written one after the other does not fit for a moment.
      if (error.message !== this.#trouble) {
        this.#events.write("warn", "certificate_unusable", { reason: error.message });
      }
      this.#trouble = error.message;
    }
  }
}
