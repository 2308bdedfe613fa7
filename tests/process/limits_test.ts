import { assertEquals, assertMatch } from "@std/assert";
import { ServerProcess } from "../support/server_process.ts";

const SETTINGS = {
  STORE: "memory",
  TRUST_PROXY: "127.0.0.1",
  SIGN_INS_PER_ADDRESS: "2/3600s",
};

function signIn(url: string, address?: string): Promise<Response> {
  return fetch(`${url}/api/sessions`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(address !== undefined && { "x-forwarded-for": address }),
    },
    body: '{"displayName":"alice"}',
  });
}

async function statusOf(pending: Promise<Response>): Promise<number> {
  const response = await pending;
  await response.body?.cancel();
  return response.status;
}

Deno.test("[Y11] rejected requests are counted, and logged once with the address and without a token", async () => {
  await using halley = await ServerProcess.start({ settings: SETTINGS });
  const { url } = halley;

  const statuses = [];
  for (let n = 0; n < 5; n++) statuses.push(await statusOf(signIn(url, "203.0.113.7")));

  assertEquals(statuses, [201, 201, 429, 429, 429]);
  assertEquals(await statusOf(signIn(url, "203.0.113.8")), 201);
  const line = await halley.line(/"event":"limited"/);
  const { at: _, ...fields } = JSON.parse(line);
  assertEquals(fields, {
    level: "warn",
    event: "limited",
    limit: "sign-ins-per-address",
    address: "203.0.113.7",
  });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  assertMatch(metrics, /^halley_limited_total\{limit="sign-ins-per-address"\} 3$/m);
  assertMatch(metrics, /^halley_refusals_total\{code="too_many_requests"\} 3$/m);
  assertEquals(halley.output.split('"event":"limited"').length, 2);
});

Deno.test("[Y4] a proxy that is not in TRUST_PROXY is logged once", async () => {
  const settings = { ...SETTINGS, TRUST_PROXY: "none" };
  await using halley = await ServerProcess.start({ settings });

  for (let n = 0; n < 5; n++) {
    assertEquals(await statusOf(signIn(halley.url, "203.0.113.7")), 201);
  }

  assertMatch(await halley.line(/proxy_not_trusted/), /"level":"warn".*"setting":"TRUST_PROXY"/);
  assertEquals(halley.output.split("proxy_not_trusted").length, 2);
});
