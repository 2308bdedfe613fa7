import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { SeededRandom } from "../../server/commands/soak/seeded_random.ts";
import { RemoteChat, type RemoteUser } from "../support/remote_chat.ts";
import { ServerProcess } from "../support/server_process.ts";
import { Machine } from "./machine.ts";
import { powerTest } from "./power_test_case.ts";

/** How often the power is cut. */
const CUTS = Deno.env.get("HALLEY_LONG") === "1" ? 60 : 4;

/** A file that was acknowledged, and whether the message that has it was. */
interface Acknowledged {
  readonly id: string;
  readonly content: string;
  isSent: boolean;
}

/** Uploads and sends files until the server does not answer any more. */
async function uploadUntilCut(
  url: string,
  user: RemoteUser,
  acknowledged: Acknowledged[],
): Promise<void> {
  const headers = { authorization: `Bearer ${user.privateToken}` };
  for (let n = 0; n < 1_000; n++) {
    const content = `file ${n} `.repeat(5_000);
    const response = await fetch(`${url}/api/files?name=a`, {
      method: "POST",
      headers,
      body: content,
    });
    const file = { id: String((await response.json()).id), content, isSent: false };
    acknowledged.push(file);
    const sending = await user.send({ channel: "room:tea", files: [file.id] });
    await sending.text();
    file.isSent = sending.status === 201;
  }
}

powerTest(
  `[O117] after ${CUTS} power cuts, the files that were acknowledged are there, with their messages`,
  async () => {
    let count = 0;
    for (let seed = 1; seed <= CUTS; seed++) {
      const random = new SeededRandom(seed, "files");
      await using machine = new Machine({});
      const server = await machine.start(0);
      if (server === undefined) throw new Error("The power was cut too early");
      const acknowledged: Acknowledged[] = [];
      using first = new RemoteChat(server.url);
      const user = await first.signIn("alice");
      machine.cutAfter(40 + 23 * seed);
      await uploadUntilCut(server.url, user, acknowledged).catch(() => {});
      await machine.lose(random);

      await using again = await ServerProcess.start({ folder: machine.root });
      using chat = new RemoteChat(again.url);
      const { request } = chat.user(user);
      for (const { id, content } of acknowledged) {
        const response = await request("GET", `/api/files/${id}`);
        assertEquals([response.status, await response.text()], [200, content]);
      }
      const history = await request("GET", "/api/channels/room:tea/messages?limit=100");
      const { messages } = await history.json();
      const sent = acknowledged.filter(({ isSent }) => isSent).map(({ id }) => id);
      const stored = messages.map(({ files }: { files: { id: string }[] }) => files[0]?.id);
      assertEquals(sent.filter((id) => !stored.includes(id)), []);
      count += acknowledged.length;
    }
    assertGreaterOrEqual(count, CUTS);
  },
);
