import { withChat } from "./browser_chat.ts";
import { JQUERIES } from "./legacy_site.ts";
import { assertSoon } from "./assert_soon.ts";

/** What has broken chats before. A script in it that was run would add to `executed`, or open a dialog. */
const TEXTS = [
  `a' b" c; d: e\\ f% g< h> i& j%27 k&amp;`,
  "two\nlines\n\nand a fourth",
  "line\u2028paragraph\u2029byte order\ufeffmark",
  "彗星回来了，今晚见！",
  "☄️ 👩‍👩‍👧 🇫🇷",
  `<img src=x onerror="executed++">`,
  `<img src=x onerror=alert(1)>`,
  "</script><script>executed++</script>",
  "');alert(1);('",
  "';executed++;'",
  "\\';executed++;//",
  "Name:cancelled;MessageId:9999999999;",
];

for (const jquery of Object.keys(JQUERIES) as (keyof typeof JQUERIES)[]) {
  Deno.test(
    `[U5] two pages and a legacy page with jQuery ${jquery} chat in the lobby and directly`,
    withChat(async (chat) => {
      const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
      const carol = await chat.openLegacyPage("carol", jquery);

      await alice.say("hello");
      await carol.sees("alice: hello");
      await carol.say("hello from 2010");
      await bob.sees("hello", "hello from 2010");
      await alice.openDirect("carol");
      await alice.say("psst");
      await carol.sees("alice: hello", "carol: hello from 2010", "alice: psst");
      await carol.say("yes?", await alice.publicToken());

      await alice.sees("psst", "yes?");
      await bob.sees("hello", "hello from 2010");
      await carol.sees("alice: hello", "carol: hello from 2010", "alice: psst", "carol: yes?");
    }),
  );

  Deno.test(
    `[U6] any text arrives unchanged and is not executed, with jQuery ${jquery}`,
    withChat(async (chat) => {
      const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
      const carol = await chat.openLegacyPage("carol", jquery);
      await carol.useTextarea();

      for (const text of TEXTS) await alice.say(text);
      await bob.sees(...TEXTS);
      for (const text of TEXTS) await carol.say(text);

      await alice.sees(...TEXTS, ...TEXTS);
      await bob.sees(...TEXTS, ...TEXTS);
      const [from, own] = ["alice", "carol"].map((name) => TEXTS.map((text) => `${name}: ${text}`));
      await carol.sees(...from!, ...own!);
      for (const { page } of [alice, bob, carol]) {
        await assertSoon(() => page.evaluate("executed"), 0);
      }
    }),
  );
}
