import { createHash } from "node:crypto";

/** What a store keeps of a private token: enough to know it again, not to use it. */
export function digestOfToken(privateToken: string): string {
  return createHash("sha256").update(privateToken).digest("base64url");
}
