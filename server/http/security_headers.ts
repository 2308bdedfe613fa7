/**
 * What every answer has that is no file of the page: nobody keeps it, nobody takes it for another type, and a page that
 * shows it tells nobody where it was. Which pages may read it is the origin's matter.
 */
export const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "vary": "origin",
  "x-content-type-options": "nosniff",
} as const;
