/**
 * The headers of the last request of the page's client. Files are sent and loaded with the same token: not by the client, because
 * only `XMLHttpRequest` tells how much of a file was sent.
 */
export const sentHeaders: { value?: HeadersInit | undefined } = {};
