/** What sends and shows files. It is loaded when the first one is wanted. */
export { attach, attachments } from "./attachments.ts";
export { clearQueue, closeQueue, openQueue, send } from "./queues.ts";
export { FileView } from "./file_view.tsx";
export { Tray } from "./tray.tsx";
