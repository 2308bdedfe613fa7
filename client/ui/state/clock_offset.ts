import { signal } from "@preact/signals";

/** How far (ms) the server's clock is ahead of this device's, which may be wrong: the times of messages are the server's. */
export const clockOffset = signal(0);
