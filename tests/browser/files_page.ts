import { Buffer } from "node:buffer";
import type { Locator } from "playwright-core";
import type { ChatPage } from "./chat_page.ts";

/** A file as a test chooses it: its path, or its content. */
export type ChosenFile = string | {
  readonly name: string;
  readonly mimeType: string;
  readonly content: Uint8Array | string;
};

/** What a test does with the files of a page. */
export class FilesPage {
  readonly #chat: ChatPage;

  constructor(chat: ChatPage) {
    this.#chat = chat;
  }

  /** The pictures in the selected conversation that are shown. */
  get pictures(): Locator {
    return this.#chat.log.getByRole("img", { name: /^Picture: / });
  }

  /** Chooses files with the button. */
  async choose(...files: readonly ChosenFile[]): Promise<void> {
    const { page } = this.#chat;
    const choosing = page.waitForEvent("filechooser");
    await this.#chat.button("Attach files").click();
    const chooser = await choosing;
    const [path] = files;
    if (typeof path === "string") return await chooser.setFiles(path);
    await chooser.setFiles(
      files.flatMap((file) => typeof file === "string" ? [] : payloadOf(file)),
    );
  }

  /** Pastes a file into the composer, or drops it there, with the texts by their types that are beside it. */
  async give(
    how: "paste" | "drop",
    { name, mimeType, content }: Exclude<ChosenFile, string>,
    beside: Readonly<Record<string, string>> = {},
  ) {
    const bytes = [...bytesOf(content)];
    await this.#chat.composer.evaluate((field, { how, name, mimeType, bytes, beside }) => {
      const transfer = new DataTransfer();
      for (const [type, text] of Object.entries(beside)) transfer.items.add(text, type);
      transfer.items.add(new File([new Uint8Array(bytes)], name, { type: mimeType }));
      const options = { bubbles: true, cancelable: true };
      field.dispatchEvent(
        how === "paste"
          ? new ClipboardEvent("paste", { ...options, clipboardData: transfer })
          : new DragEvent("drop", { ...options, dataTransfer: transfer }),
      );
    }, { how, name, mimeType, bytes, beside });
  }

  /** The names of the files that the next message will have. */
  attached(): Promise<string[]> {
    return this.#chat.page.locator(".attached .file-name").allTextContents();
  }

  /** The messages with files that are being sent. */
  queued(): Promise<string[]> {
    return this.#chat.page.locator(".queued .file-name").allTextContents();
  }

  /** Downloads a file of a message; returns the suggested name and the content. */
  async download(name: string): Promise<{ readonly name: string; readonly content: string }> {
    const { page } = this.#chat;
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: `Download ${name}` }).click(),
    ]);
    const content = await Deno.readTextFile(await download.path());
    return { name: download.suggestedFilename(), content };
  }

  /** The size of a loaded picture in its own pixels. */
  async naturalSize(
    picture: Locator,
  ): Promise<{ readonly width: number; readonly height: number }> {
    return await picture.evaluate(async (element) => {
      if (!(element instanceof HTMLImageElement)) throw new Error("It is no picture");
      await element.decode();
      return { width: element.naturalWidth, height: element.naturalHeight };
    });
  }

  /** Deletes the message of this person with a text. */
  async deleteMessage(text: string): Promise<void> {
    await this.#chat.log.locator(".message").filter({ hasText: text }).hover();
    await this.#chat.button("Delete").click();
    await this.#chat.button("Really delete?").click();
  }
}

function payloadOf({ name, mimeType, content }: Exclude<ChosenFile, string>) {
  return { name, mimeType, buffer: Buffer.from(bytesOf(content)) };
}

function bytesOf(content: Uint8Array | string): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}
