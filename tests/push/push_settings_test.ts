import { assertEquals } from "@std/assert";
import { inspectSettings } from "../../server/config/config.ts";
import { createPushKey } from "../../server/push/push_key.ts";

const ON = { PUSH: "on", PUSH_CONTACT: "mailto:chat@shop.example" };

Deno.test("[O120] pushes are off by default, and need a contact", async () => {
  const key = await createPushKey();

  assertEquals(inspectSettings({}).config.push, undefined);
  assertEquals(inspectSettings({ ...ON, PUSH: "off" }).config.push, undefined);
  const { config, read } = inspectSettings({
    ...ON,
    PUSH_HOSTS: "push.example.com, 127.0.0.1:9000",
    PUSH_KEY: key,
  });
  assertEquals(read.errors, []);
  const hosts = ["push.example.com", "127.0.0.1:9000"];
  assertEquals(config.push, { hosts, contact: ON.PUSH_CONTACT, key, notices: "personal" });
});

for (
  const [name, value] of [
    ["PUSH", "yes"],
    ["PUSH_CONTACT", "none"],
    ["PUSH_CONTACT", "chat@shop.example"],
    ["PUSH_CONTACT", "http://shop.example"],
    ["PUSH_HOSTS", "https://push.example.com"],
    ["PUSH_HOSTS", "push.example.com/x"],
    ["PUSH_KEY", "a-secret"],
  ] as const
) {
  Deno.test(`[O120] ${name}=${value} is refused, without the secret`, () => {
    const { read } = inspectSettings({ ...ON, [name]: value });

    const [error = "", ...others] = read.errors;
    assertEquals([error.startsWith(`${name} is `), others], [true, []]);
    assertEquals(error.includes("a-secret"), false);
  });
}

for (const host of ["*.push.example.com", "*", "push.example.com:443"]) {
  Deno.test(`[I104] PUSH_HOSTS=${host} is refused: no endpoint has that host`, () => {
    const { read } = inspectSettings({ ...ON, PUSH_HOSTS: host });

    assertEquals(read.errors.map((error) => error.startsWith("PUSH_HOSTS is ")), [true]);
  });
}

Deno.test("[O121] PUSH_NOTICES pushes notices to one session by default, and to everyone if that is set", () => {
  const notices = (value: string) =>
    inspectSettings({ ...ON, PUSH_NOTICES: value }).config.push?.notices;

  const read = ["", "personal", "all"].map(notices);

  assertEquals(read, ["personal", "personal", "all"]);
  assertEquals(inspectSettings({ ...ON, PUSH_NOTICES: "none" }).read.errors.length, 1);
});
