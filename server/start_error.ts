import { StoreUnusable } from "./stores/store_unusable.ts";

/** Why the server could not start, in a line that says what to do; `undefined` for a defect. */
export function explainStartError(error: unknown): string | undefined {
  if (error instanceof StoreUnusable) return error.message;
  if (error instanceof Deno.errors.AddrInUse) {
    return "Cannot listen: the port is in use; stop what uses it, or set PORT to another one";
  }
  if (isHostError(error)) {
    return "Cannot listen: HOST is no address of this machine, nor a name of one";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return `Cannot listen: ${error.message}; ports below 1024 need special rights`;
  }
  return undefined;
}

function isHostError(error: unknown): boolean {
  if (error instanceof Deno.errors.AddrNotAvailable || error instanceof URIError) return true;
  // Deno has no class for a name that stands for no address.
  return error instanceof Error && error.message.includes("failed to lookup address");
}
