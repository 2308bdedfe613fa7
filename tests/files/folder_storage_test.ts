import { FolderStorage } from "../../server/files/folder_storage.ts";
import { TestFolder } from "../support/test_folder.ts";
import { storageContract } from "./storage_contract.ts";

storageContract("a folder", () => {
  const folder = TestFolder.make();
  return Promise.resolve({
    storage: FolderStorage.open(folder.path),
    [Symbol.asyncDispose]: () => Promise.resolve(folder[Symbol.dispose]()),
  });
});
