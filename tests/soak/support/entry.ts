import { soak } from "../../../server/commands/soak/soak.ts";

Deno.exit(await soak(Deno.args));
