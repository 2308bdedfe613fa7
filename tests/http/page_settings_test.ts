import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { type PageOptions, readAssets } from "../../server/http/assets.ts";
import { configErrors } from "../config/config_errors.ts";
import { Chat } from "../support/chat.ts";

const STATIC = fileURLToPath(new URL("../../static/", import.meta.url));

const JWT = { AUTH: "jwt", JWT_SECRET: "a-secret-of-thirty-two-characters" };

const ADDRESSES = ["TOKEN_URL", "SIGN_IN_URL", "SIGN_OUT_URL"];

const INVALID_ADDRESSES = [
  "chat-token",
  "//evil.example/token",
  "/\\evil.example",
  "/two words",
  "http://shop.example/token",
  "https://me:pw@shop.example/token",
  "javascript:alert(1)",
  "data:text/plain,x",
  "*",
];

for (const value of INVALID_ADDRESSES) {
  Deno.test(`[Q27] ${value} is refused as an address of the application`, () => {
    for (const name of ADDRESSES) {
      const [error = "none", ...more] = configErrors({ ...JWT, [name]: value });
      assertStringIncludes(error, `${name} is "${value}"; allowed: none, a path of the page's own`);
      assertEquals(more, []);
    }
  });
}

const INVALID_ORIGINS = [
  "*",
  "https://*",
  "https://*.shop.example",
  "https://shop.example/",
  "https://shop.example/path",
  "http://shop.example",
  "shop.example",
  "'self'",
  "null",
  "https:",
  "https://shop.example; script-src *",
  "https://shop.example https://evil.example",
  "https://SHOP.example",
];

for (const value of INVALID_ORIGINS) {
  Deno.test(`[Q27] ${value} is refused as an origin of frames and of pictures`, () => {
    for (const name of ["FRAME_ANCESTORS", "PICTURE_ORIGINS"]) {
      const errors = configErrors({ ...JWT, [name]: `https://tea.example, ${value}` });

      assertEquals(errors.length, 1);
      assertStringIncludes(errors[0] ?? "", `${name} is `);
    }
  });
}

Deno.test("[Q27] the settings of own users need AUTH=jwt", () => {
  const addresses = ADDRESSES.map((name) => [name, "/x"]);

  for (const [name = "", value] of [...addresses, ["FRAME_ANCESTORS", "https://a.example"]]) {
    assertEquals(configErrors({ [name]: value }), [
      "AUTH is guest, but one of TOKEN_URL, SIGN_IN_URL, SIGN_OUT_URL or FRAME_ANCESTORS is set",
    ]);
  }
  // Back ends have pictures, too.
  assertEquals(configErrors({ PICTURE_ORIGINS: "https://a.example" }), []);
});

/** The headers of a page, and its root element. */
async function pageOf(path: string, options: Omit<PageOptions, "auth">) {
  await using chat = await Chat.open({
    assets: await readAssets(STATIC, { auth: "jwt", ...options }),
  });
  const response = await chat.request("GET", path);
  const policy = response.headers.get("content-security-policy") ?? "";
  return {
    frame: response.headers.get("x-frame-options"),
    directives: new Map(
      policy.split("; ").map((directive) => {
        const [name = "", ...sources] = directive.split(" ");
        return [name, sources.join(" ")];
      }),
    ),
    root: /<html[^>]*>/.exec(await response.text())?.[0],
  };
}

Deno.test("[Q25] without FRAME_ANCESTORS no page can be framed", async () => {
  for (const path of ["/", "/admin"]) {
    const { frame, directives } = await pageOf(path, {});
    assertEquals([path, frame, directives.get("frame-ancestors")], [path, "DENY", "'none'"]);
  }
});

Deno.test("[Q25] with FRAME_ANCESTORS exactly these can frame the page, and none the admin page", async () => {
  const frameAncestors = ["https://shop.example", "http://127.0.0.1:8080"];

  const page = await pageOf("/", { frameAncestors });
  const admin = await pageOf("/admin", { frameAncestors });

  assertEquals([page.frame, page.directives.get("frame-ancestors")], [
    null,
    "https://shop.example http://127.0.0.1:8080",
  ]);
  assertEquals([admin.frame, admin.directives.get("frame-ancestors")], ["DENY", "'none'"]);
});

Deno.test("[Q22] the policy of the page has the origin of TOKEN_URL, and that of the admin page has not", async () => {
  const tokenUrl = "https://shop.example:8443/chat-token?a=1&copy=2";

  const page = await pageOf("/", { tokenUrl });
  const admin = await pageOf("/admin", { tokenUrl });
  const ownSite = await pageOf("/", { tokenUrl: "/chat-token" });

  assertEquals(page.directives.get("connect-src"), "'self' https://shop.example:8443");
  assertEquals(
    page.root?.replace(/ data-version="[0-9a-f]{16}"/, ""),
    `<html data-auth="jwt" data-token-url="${tokenUrl.replace("&", "&amp;")}" lang="en">`,
  );
  assertEquals(admin.directives.get("connect-src"), "'self'");
  assertEquals(admin.root, '<html data-auth="jwt" lang="en">');
  assertEquals(ownSite.directives.get("connect-src"), "'self'");
});

Deno.test("[Q28] the page loads pictures from its own origin and exactly those of PICTURE_ORIGINS", async () => {
  const pictureOrigins = ["https://a.example", "https://b.example:8443"];

  const page = await pageOf("/", { pictureOrigins });
  const admin = await pageOf("/admin", { pictureOrigins });

  assertEquals(
    page.directives.get("img-src"),
    "'self' data: blob: https://a.example https://b.example:8443",
  );
  assertEquals(admin.directives.get("img-src"), "'self' data:");
});

Deno.test("[U370] the page of a server that pushes says so, and no other page", async () => {
  const { root } = await pageOf("/", { pushes: true });

  assertEquals(root?.includes('data-push="on"'), true);
  for (const [path, pushes] of [["/", false], ["/", undefined], ["/admin", true]] as const) {
    assertEquals((await pageOf(path, { pushes })).root?.includes("data-push"), false, path);
  }
});

Deno.test("[O122] with OFFLINE_COPY=off the page is told to copy nothing", async () => {
  const { root } = await pageOf("/", { offlineCopy: "off" });

  assertEquals(root?.includes('data-copy="off"'), true);
  for (const offlineCopy of ["on", undefined] as const) {
    const options = offlineCopy ? { offlineCopy } : {};
    assertEquals((await pageOf("/", options)).root?.includes("data-copy"), false);
  }
  assertEquals(configErrors({ OFFLINE_COPY: "no" }).length, 1);
});
