import { assertEquals } from "@std/assert";
import { readConfig } from "../../server/config/config.ts";
import { configErrors } from "./config_errors.ts";

for (
  const [HOST, host] of [
    ["127.0.0.1", "127.0.0.1"],
    ["127.1", "127.0.0.1"],
    ["0", "0.0.0.0"],
    ["[::1]", "::1"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["::", "::"],
    ["[::]", "::"],
    ["fe80::1%eth0", "fe80::1%eth0"],
    ["LocalHost", "localhost"],
    ["chat_1.internal", "chat_1.internal"],
  ] as const
) {
  Deno.test(`[O49] HOST=${HOST} is ${host}`, () => {
    assertEquals(readConfig({ HOST }).host, host);
  });
}

for (
  const HOST of [
    ...["127.0.0.1:8000", "[::1]:80", "[::1", "localhost:80", "http://localhost", "tea room"],
    ...["alice@localhost", "localhost/", "1.2.3.4.5", "::g", "?", "[]"],
  ]
) {
  Deno.test(`[O49] HOST=${HOST} is invalid`, () => {
    assertEquals(configErrors({ HOST }), [
      `HOST is "${HOST}"; allowed: an IP address or a name of this machine, without a port`,
    ]);
  });
}
