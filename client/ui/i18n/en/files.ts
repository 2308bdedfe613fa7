import type { Translation } from "../sentences.ts";

/** Sentences of files, in English. */
export const files = {
  attach: "Attach files",
  attached: "Files of this message",
  remove: "Remove {name}",
  tooLarge: "{name} is larger than {size}.",
  tooMany: "A message can have {count} files.",
  waiting: "Sent when the connection is back",
  uploading: "Sending files",
  damaged: "One of the files is empty or damaged.",
  quota: "There is no room for more files of yours. Delete messages with files.",
  serverFull: "The server has no room for more files.",
  unavailable: "This server stores no files.",
  sendAgain: "The files could not be sent.",
  picture: "Picture: {name}",
  show: "Show {name}",
  download: "Download {name}",
  gone: "This file cannot be loaded.",
  previous: "Previous picture",
  next: "Next picture",
  close: "Close",
} as const;

/** The same sentences in any language. */
export type Files = Translation<typeof files>;
