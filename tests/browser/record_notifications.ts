import type { ChatPage } from "./chat_page.ts";

/** Replaces the notification and audio APIs by ones that record their calls. */
export async function recordNotifications(
  { page }: ChatPage,
  permission: NotificationPermission,
): Promise<void> {
  await page.addInitScript((permission) => {
    const shown: unknown[] = [];
    class Shown {
      static permission = "default";
      static requestPermission() {
        Shown.permission = permission;
        return Promise.resolve(permission);
      }
      onclick: (() => void) | undefined;
      constructor(title: string, { body, tag }: NotificationOptions = {}) {
        if (Shown.permission !== "granted") return; // As in browsers: nothing is shown.
        shown.push({ title, body, isTagged: /^halley-\d+$/.test(tag ?? "") });
        Reflect.set(globalThis, "clickShown", () => this.onclick?.());
      }
      close() {}
    }
    Reflect.set(globalThis, "Notification", Shown);
    Reflect.set(globalThis, "shownOnDesktop", shown);
    Reflect.set(globalThis, "notes", 0);
    const { start } = OscillatorNode.prototype;
    OscillatorNode.prototype.start = function (when) {
      Reflect.set(globalThis, "notes", Reflect.get(globalThis, "notes") + 1);
      start.call(this, when);
    };
  }, permission);
  await page.reload();
}
