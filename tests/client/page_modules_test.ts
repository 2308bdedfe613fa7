import { assertEquals } from "@std/assert";

const TOP = new URL("../../", import.meta.url);

/** The modules that a built part takes from the page, with the names that it uses of each. */
async function taken(part: string): Promise<[module: string, names: readonly string[]][]> {
  const text = await Deno.readTextFile(new URL(`static/built/${part}`, TOP));
  const uses = text.matchAll(/const ?\{([^}]*)\} ?= ?modules\["([^"]*)"\]/g);
  return [...uses].map(([, names = "", module = ""]) => [
    module,
    names.split(",").map((name) => name.split(":")[0]?.trim() ?? ""),
  ]);
}

const PARTS = [...Deno.readDirSync(new URL("static/built/", TOP))].map(({ name }) => name)
  .filter((name) => /^page-(account|emoji|files|finding|offline|push|search)\.js$/.test(name));

for (const part of PARTS.sort()) {
  Deno.test(`[U359] the page has what ${part} takes from it`, async () => {
    const shared = await Deno.readTextFile(new URL("client/ui/page_modules.ts", TOP));
    const uses = await taken(part);

    const missing = uses.flatMap(([module, names]) => {
      const [listed = ""] = shared.split(`"${module}": {`)[1]?.split("}") ?? [];
      const there = listed.split(",").map((one) => one.split(":")[0]?.trim());
      return names.filter((name) => !there.includes(name))
        .map((name) => `${name} of ${module}`);
    });

    assertEquals(missing, []);
    assertEquals(uses.length > 0, true);
  });
}
