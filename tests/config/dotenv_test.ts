import { assertEquals } from "@std/assert";
import { parseEnv } from "node:util";
import { parsePlainly } from "../../links/std_dotenv/parse_plainly.ts";

Deno.test("[O1] the .env parser for platforms without one gives the same result as Node", async () => {
  const example = await Deno.readTextFile(new URL("../../.env.example", import.meta.url));
  const texts = [
    "A=1\nB = two words # and more\n\n# C=3\nexport D=4\nE=\n F='a#b \"c\"'  # d\r\nG=x\r\n",
    'A="one\\ntwo"\nB=\'one\\ntwo\'\nC="one\n two"\nD=`it\'s "so"`\nE=\'sha256$ab\'\n',
    example,
    example.replaceAll(/^# (?=[A-Z_]+=)/gm, ""),
  ];

  for (const text of texts) assertEquals(parsePlainly(text), { ...parseEnv(text) });
});
