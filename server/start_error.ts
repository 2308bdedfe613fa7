import { CertificateError } from "./http/tls/certificate.ts";
import { ListenError } from "./http/listener.ts";
import { SourceError } from "./notices/sources/notice_source.ts";
import { StoreOpenError } from "./stores/store_open_error.ts";

/** Why the server could not start, in a line that says what to do; `undefined` for a defect. */
export function explainStartError(error: unknown): string | undefined {
  const isExplained = error instanceof StoreOpenError || error instanceof ListenError ||
    error instanceof SourceError || error instanceof CertificateError;
  return isExplained ? error.message : undefined;
}
