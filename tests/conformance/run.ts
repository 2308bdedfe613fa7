// Holds a client against docs/PROTOCOL.md: the arguments are the command that starts it.
import { CHECKS, runSuite } from "./suite.ts";

const args = Deno.args[0] === "--" ? Deno.args.slice(1) : Deno.args;
const [first, only = "", ...rest] = args;
const isFiltered = first === "--only";
const command = isFiltered ? rest : args;
const checks = CHECKS.filter(({ name }) => !isFiltered || name.includes(only));

if (command.length === 0 || checks.length === 0) {
  console.error("Usage: deno task conformance [--only WORDS] COMMAND…, for example");
  console.error("  deno task conformance python3 docs/clients/halley.py");
  Deno.exit(2);
}

const results = await runSuite({
  command,
  checks,
  onResult: ({ name, problem }) => {
    console.log(problem === undefined ? `ok    ${name}` : `FAIL  ${name}\n      ${problem}`);
  },
});
const failed = results.filter(({ problem }) => problem !== undefined).length;
console.log(`\n${results.length - failed} passed, ${failed} failed`);
Deno.exit(failed > 0 ? 1 : 0);
