/** A folder of a test's own, which goes with it. */
export class TestFolder implements Disposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static make(): TestFolder {
    return new TestFolder(Deno.makeTempDirSync({ prefix: "halley-test-" }));
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
