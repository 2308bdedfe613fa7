import { type Signal, useSignal } from "@preact/signals";
import type { Erasure } from "../../../server/protocol/admin_replies.ts";
import { describeError, formatCount, strings } from "../i18n/admin_strings.ts";
import type { DataTarget, PersonTarget } from "../state/admin_api.ts";
import type { AdminState } from "../state/admin_state.ts";
import { isComplete, type Target } from "../state/target.ts";
import { ConfirmDialog } from "./confirm_dialog.tsx";
import { TargetPicker } from "./target_picker.tsx";

interface DataFormProps {
  readonly admin: AdminState;
  readonly target: Signal<Target>;
}

const KINDS = ["session", "user", "room"] as const;

/** Exports what is stored of a person or a room, and erases people. */
export function DataForm({ admin, target }: DataFormProps) {
  const isErasing = useSignal(false);
  const isBusy = useSignal(false);
  const error = useSignal("");
  const data = dataOf(target.value);
  const person = data && personOf(data);
  const { dataTitle, dataOf: label, exportData, erase, confirmErase, eraseEffect, cutOff } =
    strings.value;
  const download = async (event: Event) => {
    event.preventDefault();
    if (data === undefined) return;
    [isBusy.value, error.value] = [true, ""];
    try {
      const file = await admin.export(data);
      if (file === undefined) error.value = cutOff;
      else save(file, `${data.kind}-${data.name}.jsonl`);
    } catch (cause) {
      error.value = describeError(cause);
    }
    isBusy.value = false;
  };
  return (
    <section class="card" aria-labelledby="data-title">
      <h2 id="data-title">{dataTitle}</h2>
      <form class="admin-form" onSubmit={download}>
        <TargetPicker id="data-target" label={label} kinds={KINDS} admin={admin} target={target} />
        <div class="buttons">
          <button type="submit" class="primary" disabled={data === undefined || isBusy.value}>
            {exportData}
          </button>
          <button
            type="button"
            class="quiet danger"
            disabled={person === undefined}
            onClick={() => isErasing.value = true}
          >
            {erase}…
          </button>
        </div>
        {error.value && <p class="error-line" role="alert">{error.value}</p>}
      </form>
      <div role="status">
        {admin.erasures.value.map((erasure) => <Progress key={erasure.id} erasure={erasure} />)}
      </div>
      {isErasing.value && person && (
        <ConfirmDialog
          title={confirmErase(target.value.displayName || person.name)}
          effect={eraseEffect}
          action={erase}
          onConfirm={() => admin.erase(person)}
          onClose={() => isErasing.value = false}
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

/** Returns `undefined` if nothing is chosen. */
function dataOf(target: Target): DataTarget | undefined {
  const { kind, name } = target;
  if (kind === "everyone" || kind === "address" || !isComplete(target)) return undefined;
  return { kind, name: name.trim() };
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
