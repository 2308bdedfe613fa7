import type { Signal } from "@preact/signals";

interface SearchFieldProps {
  readonly label: string;
  readonly search: Signal<string>;
}

/** A field above a list that it searches. Escape clears it; ArrowDown is left to the list, and other keys do not reach it. */
export function SearchField({ label, search }: SearchFieldProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    const clears = event.key === "Escape" && search.value !== "";
    if (clears) search.value = "";
    if (clears || !["ArrowDown", "Escape"].includes(event.key) && !isShortcut(event)) {
      event.stopPropagation();
    }
  };
  return (
    <input
      type="search"
      class="search"
      aria-label={label}
      placeholder={label}
      dir="auto"
      autoComplete="off"
      value={search.value}
      onInput={({ currentTarget }) => search.value = currentTarget.value}
      onKeyDown={onKeyDown}
    />
  );
}

function isShortcut({ altKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return altKey || ctrlKey || metaKey;
}
