/** SVG paths of icons that only the page has: see `PathIcon`. */
export const PAGE_PATHS = {
  back: "M10 3 5 8l5 5",
  people: "M8 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M3 13.5c.5-2.5 2.5-3.5 5-3.5s4.5 1 5 3.5",
  muted: "M4 11h8l-1-2V7a3 3 0 0 0-5.4-1.8M5 8v1l-1 2M7 13.2h2M2.5 2.5l11 11",
  options: "M3 8h.01M8 8h.01M13 8h.01",
  search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9m3.3 7.8 3.4 3.4",
  smile:
    "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11M6 6.4h.01M10 6.4h.01M5.5 9.3c1.2 1.9 3.8 1.9 5 0",
  attach: "m13.5 7.6-5.6 5.5a3.2 3.2 0 0 1-4.6-4.5l5.8-5.7a2.1 2.1 0 0 1 3 3L6.5 11.4",
  reply: "M6.5 3.5 3 7l3.5 3.5M3.5 7H9a4 4 0 0 1 4 4v1.5",
  copy: "M6 5.5h6.5v8H6zM3.5 10.5v-8H10",
  edit: "M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3z",
  unread: "M13.5 8.5a5.5 5.5 0 1 1-6-6M12 4.01V4",
  delete: "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5",
} as const;
