import { assertEquals } from "@std/assert";
import { Contract } from "../openapi/contract.ts";
import { OPERATIONS } from "../openapi/operations.ts";

const contract = await Contract.read();

const PAGE = await Deno.readTextFile(new URL("../../docs/API.md", import.meta.url));

/** The sections of the page: the anchor of each and its text, up to the next heading. */
const SECTIONS = PAGE.split(/^#{2,3} /m).slice(1).map((text) => {
  const [title = ""] = text.split("\n");
  return { anchor: title.toLowerCase().replaceAll(" ", "-"), text };
});

Deno.test("[N18] every reply in API.md is valid as openapi.json describes the section's requests", () => {
  const wrong = SECTIONS.flatMap(({ anchor, text }) => {
    const routes = routesOf(anchor);
    if (routes.length === 0) return [];
    return [...text.matchAll(/```json\n([^]*?)```/g)].flatMap(([, json = ""]) => {
      const value = JSON.parse(json);
      const problem = contract.validate({ $ref: "#/components/schemas/Problem" }, value);
      const errors = routes.map((route) => contract.errorsOfReply(route, value));
      const isValid = [problem, ...errors].some((list) => list.length === 0) ||
        Array.isArray(value);
      return isValid ? [] : [`${anchor}: ${errors.flat().join()}\n${json}`];
    });
  });

  assertEquals(wrong, []);
});

Deno.test("[N18] every error that API.md lists for a request is in openapi.json", () => {
  const missing = SECTIONS.flatMap(({ anchor, text }) => {
    const routes = routesOf(anchor);
    const [, list = ""] = /Errors: ([^]*?)(?:\n\n|$)/.exec(text) ?? [];
    const codes = [...list.matchAll(/`([a-z_]+)`/g)].map(([, code]) => code ?? "");
    const known = routes.flatMap((route) => contract.codesOf(route));
    return routes.length === 0 ? [] : codes.filter((code) => !known.includes(code));
  });

  assertEquals(missing, []);
});

Deno.test("[N18] every route below /api names a section of API.md", () => {
  const anchors = SECTIONS.map(({ anchor }) => `API.md#${anchor}`);
  const routes = OPERATIONS.filter(({ path }) => path.startsWith("/api/"));

  assertEquals(routes.filter(({ docs }) => !anchors.includes(docs)).map(({ id }) => id), []);
});

function routesOf(anchor: string): string[] {
  // The examples of polls have sections of their own.
  const docs = `API.md#${anchor === "example" ? "poll" : anchor}`;
  return OPERATIONS.filter((one) => one.docs === docs).map(({ method, path }) =>
    `${method} ${path}`
  );
}
