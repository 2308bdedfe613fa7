import { assertEquals } from "@std/assert";
import { fileNameFrom } from "../../server/files/file_name.ts";

for (
  const [name, stored] of [
    ["tea.jpg", "tea.jpg"],
    ["茶 и чай.jpg", "茶 и чай.jpg"],
    ["../../etc/passwd", "passwd"],
    ["C:\\photos\\tea.jpg", "tea.jpg"],
    ["tea\u202egpj.exe", "teagpj.exe"],
    ["a\0b\r\n\tc\u200b.txt", "abc.txt"],
    ['"tea": <a|b>?*.txt', "tea ab.txt"],
    ["👩‍👩‍👧 🍵.jpg", "👩‍👩‍👧 🍵.jpg"],
    [".htaccess", "htaccess"],
    ["tea. . .", "tea"],
    ["", "file"],
    ["..", "file"],
    ["///", "file"],
    ["\ud800tea.txt", "\ufffdtea.txt"],
    ["cafe\u0301.txt", "café.txt"],
    [`${"a".repeat(300)}.tar.gz`, `${"a".repeat(117)}.gz`],
    ["b".repeat(300), "b".repeat(120)],
  ] as const
) {
  Deno.test(`[A45] ${JSON.stringify(name).slice(0, 30)} is stored as a usable name`, () => {
    assertEquals(fileNameFrom(name), stored);
  });
}

for (
  const [name, stored] of [
    ["tea.jpg\u3164\u3164\u115f.exe", "tea.jpg.exe"],
    ["tea.jpg\u2800\u2800\u2800.exe", "tea.jpg .exe"],
    ["\u3164\u2800.png", "png"],
    ["\u3164", "file"],
    [`te${"\u0338".repeat(50)}a.jpg`, `te${"\u0338".repeat(4)}a.jpg`],
    ["हिन्दी क्षत्रिय.txt", "हिन्दी क्षत्रिय.txt"],
  ] as const
) {
  Deno.test(`[A82] ${JSON.stringify(name).slice(0, 30)} is stored without what looks blank`, () => {
    assertEquals(fileNameFrom(name), stored);
  });
}
