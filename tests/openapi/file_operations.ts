import type { Operation, Reply } from "./operation.ts";

const READER = ["session", "read", "admin"] as const;

const UPLOADER = ["session", "publish"] as const;

const CONTENT: Reply = { description: "The content", media: "*/*" };

/** The routes of files. */
export const FILES: readonly Operation[] = [
  {
    method: "post",
    path: "/api/files",
    id: "uploadFile",
    tag: "people",
    summary: "Store a file, which a message can then have",
    docs: "API.md#files",
    by: UPLOADER,
    query: "upload",
    text: ["*/*"],
    replies: {
      200: {
        description: "The key was used for this file before: the first file",
        type: "MessageFile",
        example: "file",
      },
      201: { description: "The stored file", type: "MessageFile", example: "file" },
    },
    refusals: [
      "not_allowed",
      "invalid_file",
      "files_unavailable",
      "too_many_files",
      "files_full",
      "closing",
      "store_unavailable",
    ],
  },
  {
    method: "put",
    path: "/api/files/{fileId}/thumbnail",
    id: "addThumbnail",
    tag: "people",
    summary: "Add a small picture to a picture that no message has yet",
    docs: "API.md#files",
    by: UPLOADER,
    text: ["*/*"],
    replies: { 204: { description: "It is stored" } },
    refusals: [
      "not_allowed",
      "unknown_file",
      "invalid_file",
      "files_unavailable",
      "files_full",
      "closing",
      "store_unavailable",
    ],
  },
  {
    method: "get",
    path: "/api/files/{fileId}",
    id: "getFile",
    tag: "people",
    summary: "Get a file of a message",
    docs: "API.md#files",
    by: READER,
    replies: { 200: CONTENT, 206: { ...CONTENT, description: "The range that was asked for" } },
    refusals: ["not_found", "not_allowed", "closing", "store_unavailable"],
  },
  {
    method: "get",
    path: "/api/files/{fileId}/thumbnail",
    id: "getThumbnail",
    tag: "people",
    summary: "Get the small picture of a picture",
    docs: "API.md#files",
    by: READER,
    replies: { 200: CONTENT, 206: { ...CONTENT, description: "The range that was asked for" } },
    refusals: ["not_found", "not_allowed", "closing", "store_unavailable"],
  },
];
