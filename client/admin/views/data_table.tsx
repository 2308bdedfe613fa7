import type { ComponentChildren } from "preact";

interface DataTableProps {
  /** The id of the heading that names the table, or else its name. */
  readonly labelledBy?: string;
  readonly label?: string;
  readonly class?: string;
  readonly columns: readonly string[];
  readonly children: ComponentChildren;
}

/**
 * A table that scrolls. On narrow screens each row becomes a block with a line for each cell. Style sheets that do that take
 * the roles away, so that they are stated.
 */
export function DataTable(
  { labelledBy, label, class: name = "", columns, children }: DataTableProps,
) {
  return (
    <div
      class={`table ${name}`}
      tabIndex={0}
      role="group"
      aria-labelledby={labelledBy}
      aria-label={label}
    >
      <table role="table">
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((title) => <th key={title} scope="col" role="columnheader">{title}</th>)}
          </tr>
        </thead>
        <tbody role="rowgroup">{children}</tbody>
      </table>
    </div>
  );
}

interface CellProps {
  /** The title of the column, shown before the cell on narrow screens; absent if the cell speaks for itself. */
  readonly label?: string;
  readonly class?: string;
  readonly title?: string | undefined;
  readonly dir?: "auto";
  readonly children: ComponentChildren;
}

/** The cell that names its row. */
export function HeadCell({ label, children, ...attributes }: CellProps) {
  return <th scope="row" role="rowheader" data-label={label} {...attributes}>{children}</th>;
}

export function Cell({ label, children, ...attributes }: CellProps) {
  return <td role="cell" data-label={label} {...attributes}>{children}</td>;
}

interface ActionButtonProps {
  /** The action and what it is about, for screen readers. */
  readonly label: string;
  readonly isDangerous?: boolean;
  readonly onClick: () => void;
  readonly children: string;
}

/** An action on a row. */
export function ActionButton(
  { label, isDangerous = false, onClick, children }: ActionButtonProps,
) {
  return (
    <button
      type="button"
      class={isDangerous ? "quiet danger" : "quiet"}
      aria-label={label}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
