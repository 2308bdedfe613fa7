import { assertEquals } from "@std/assert";
import main from "../deno.json" with { type: "json" };
import tests from "./deno.json" with { type: "json" };

/** The part of a lock file that says which version each package specifier resolves to. */
interface Lock {
  readonly specifiers: Readonly<Record<string, string>>;
}

async function readLock(path: string): Promise<Lock> {
  const text = await Deno.readTextFile(new URL(path, import.meta.url));
  const { specifiers }: Lock = JSON.parse(text);
  // A version is followed by those of optional packages beside it, such as a compiler that only tests need.
  const versions = Object.entries(specifiers).map(([name, version]) =>
    [name, version.split("_")[0] ?? ""] as const
  );
  return { specifiers: Object.fromEntries(versions) };
}

Deno.test("[X6] tests/deno.json has the packages and the options of deno.json", () => {
  const expected = {
    ...tests,
    imports: { ...tests.imports, ...main.imports },
    links: main.links.map((link) => link.replace("./", "../")),
    compilerOptions: main.compilerOptions,
    fmt: main.fmt,
    test: main.test,
    unstable: main.unstable,
  };

  assertEquals(tests, expected);
});

Deno.test("[X6] deno.lock has no package that only the tests need", async () => {
  const { specifiers } = await readLock("../deno.lock");

  const needed: readonly string[] = Object.values(main.imports);
  const testOnly = Object.values(tests.imports).filter((specifier) => !needed.includes(specifier));
  const packages = testOnly.map((specifier) => specifier.replace(/@[^@]*$/, "@"));

  const locked = Object.keys(specifiers);
  assertEquals(locked.filter((name) => packages.some((start) => name.startsWith(start))), []);
});

Deno.test("[X6] the tests run with the versions that the server and the page run with", async () => {
  const [{ specifiers }, { specifiers: tested }] = await Promise.all([
    readLock("../deno.lock"),
    readLock("./deno.lock"),
  ]);

  assertEquals({ ...tested, ...specifiers }, tested);
});
