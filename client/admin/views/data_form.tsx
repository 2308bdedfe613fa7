import { type Signal, useSignal } from "@preact/signals";
import type { Erasure } from "../../../server/protocol/admin_replies.ts";
import { describeError, formatCount, strings } from "../i18n/admin_strings.ts";
import type { DataTarget, PersonTarget } from "../state/admin_api.ts";
import type { AdminState } from "../state/admin_state.ts";
import { ConfirmDialog } from "./confirm_dialog.tsx";

interface DataFormProps {
  readonly admin: AdminState;
  /** `session:<public token>`, `user:<id>` or `room:<name>`. */
  readonly target: Signal<string>;
}

/** Exports what is stored of a person or a room, and erases people. */
export function DataForm({ admin, target }: DataFormProps) {
  const erasing = useSignal<PersonTarget | undefined>(undefined);
  const isBusy = useSignal(false);
  const error = useSignal("");
  const parsed = parseTarget(target.value);
  const person = parsed && personOf(parsed);
  const { dataTitle, dataOf, dataOfHint, exportData, erase, confirmErase, eraseEffect, cutOff } =
    strings.value;
  const download = async (event: Event) => {
    event.preventDefault();
    if (parsed === undefined) return;
    [isBusy.value, error.value] = [true, ""];
    try {
      const file = await admin.export(parsed);
      if (file === undefined) error.value = cutOff;
      else save(file, `${parsed.kind}-${parsed.name}.jsonl`);
    } catch (cause) {
      error.value = describeError(cause);
    }
    isBusy.value = false;
  };
  return (
    <section class="card" aria-labelledby="data-title">
      <h2 id="data-title">{dataTitle}</h2>
      <form class="admin-form" onSubmit={download}>
        <label for="data-target">{dataOf}</label>
        <input
          id="data-target"
          aria-describedby="data-target-hint"
          spellcheck={false}
          value={target.value}
          onInput={(event) => target.value = event.currentTarget.value}
        />
        <p id="data-target-hint" class="hint">{dataOfHint}</p>
        <div class="buttons">
          <button
            type="button"
            class="quiet danger"
            disabled={person === undefined}
            onClick={() => erasing.value = person}
          >
            {erase}…
          </button>
          <button type="submit" class="primary" disabled={parsed === undefined || isBusy.value}>
            {exportData}
          </button>
        </div>
        {error.value && <p class="error-line" role="alert">{error.value}</p>}
      </form>
      <div role="status">
        {admin.erasures.value.map((erasure) => <Progress key={erasure.id} erasure={erasure} />)}
      </div>
      {erasing.value && (
        <ConfirmDialog
          title={confirmErase(`${erasing.value.kind}:${erasing.value.name}`)}
          effect={eraseEffect}
          action={erase}
          onConfirm={async () => {
            if (erasing.value) await admin.erase(erasing.value);
          }}
          onClose={() => erasing.value = undefined}
        />
      )}
    </section>
  );
}

function Progress({ erasure: { id, state, scanned, erased } }: { readonly erasure: Erasure }) {
  const { erasureRunning, erasureDone } = strings.value;
  const text = state === "done"
    ? erasureDone(formatCount(erased))
    : erasureRunning(formatCount(erased), formatCount(scanned));
  return (
    <p class="hint">
      <code>{id}</code>: {text}
    </p>
  );
}

/** Parses what the field has; returns `undefined` if it is not complete. */
function parseTarget(text: string): DataTarget | undefined {
  const [, kind, name = ""] = /^\s*(session|user|room):(.+?)\s*$/.exec(text) ?? [];
  if (kind === "session" || kind === "user" || kind === "room") return { kind, name };
  return undefined;
}

function personOf({ kind, name }: DataTarget): PersonTarget | undefined {
  return kind === "room" ? undefined : { kind, name };
}

function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
