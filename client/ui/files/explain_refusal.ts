import { strings } from "./files_strings.ts";

/** Why the server has not taken files, in the language of the page. */
export function explainRefusal(code: string): string {
  const { damaged, quota, serverFull, unavailable, sendAgain } = strings.value;
  switch (code) {
    case "invalid_file":
      return damaged;
    case "too_many_files":
      return quota;
    case "files_full":
      return serverFull;
    case "files_unavailable":
      return unavailable;
    default:
      return sendAgain;
  }
}
