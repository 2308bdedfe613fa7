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
