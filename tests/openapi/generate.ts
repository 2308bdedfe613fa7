// Writes the description of the API to the file that is named, by default static/openapi.json.
import { join } from "node:path";
import { createDocument } from "./document.ts";

const TOP = join(import.meta.dirname ?? ".", "../..");

const [target = join(TOP, "static/openapi.json")] = Deno.args;
await Deno.writeTextFile(target, `${JSON.stringify(await createDocument(), null, 2)}\n`);
