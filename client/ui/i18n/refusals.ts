/** Says in the language of the page why the server has refused something. Without it, nothing more than that is said. */
export const refusals: { explain?: (code: string) => string } = {};

/** Writes what the server has said, which is in English, to the console. */
export function logRefusal({ code, detail }: { readonly code: string; readonly detail: string }) {
  console.error(`Halley: ${code}: ${detail}`);
}
