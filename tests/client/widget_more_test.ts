import { assertEquals } from "@std/assert";

Deno.test("[T32] what is loaded after the chat takes only what the chat provides", async () => {
  const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
  const provided = new Map(
    [...(await read("client/widget/chat/shared.ts")).matchAll(/^ {2}"(\S+)": \{([^}]*)\}/gm)]
      .map(([, module = "", names = ""]) => [module, namesIn(names)]),
  );

  const taken = [...(await read("static/built/widget-more.js"))
    .matchAll(/const\s*\{([^}]*)\}\s*=\s*modules\["([^"]*)"\]/g)]
    .map(([, names = "", module = ""]) => [module, namesIn(names)] as const);

  assertEquals(taken.length > 5, true);
  const missing = taken.flatMap(([module, names]) =>
    names.filter((name) => !provided.get(module)?.includes(name)).map((name) =>
      `${module}: ${name}`
    )
  );
  assertEquals(missing, []);
});

/** The names of members in `{a: b, c}`. */
function namesIn(list: string): string[] {
  return list.split(",").map((one) => one.split(":")[0]?.trim() ?? "").filter(Boolean);
}
