/** SVG paths in a square of 16 units: of the icons that the page and the widget share. */
const PATHS = {
  close: "m4 4 8 8m0-8-8 8",
  sent: "m3.5 8.5 3 3 6-7",
  delivered: "m1.5 8.5 3 3 6-7M8.5 11.5l6-7",
  waiting: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11M8 5v3.2l2 1.3",
  down: "M8 3v9.5M4 8.5l4 4 4-4",
  send: "M8 13V3.5M3.5 8 8 3.5 12.5 8",
} as const;

/** A decorative icon: screen readers skip it, so the element around it needs a text or a label. */
export function Icon({ name }: { readonly name: keyof typeof PATHS }) {
  return <PathIcon path={PATHS[name]} />;
}

/** An icon with a path of its own. */
export function PathIcon({ path }: { readonly path: string }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
