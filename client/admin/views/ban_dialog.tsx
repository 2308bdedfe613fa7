import { useSignal } from "@preact/signals";
import { BAN_REASON_LENGTH } from "../../../server/protocol/limits.ts";
import { strings } from "../i18n/admin_strings.ts";
import type { AdminState } from "../state/admin_state.ts";
import { isComplete, type Target } from "../state/target.ts";
import { ConfirmDialog } from "./confirm_dialog.tsx";
import { TargetPicker } from "./target_picker.tsx";

interface BanDialogProps {
  readonly admin: AdminState;
  /** Who is chosen at first. */
  readonly first: Target;
  readonly onClose: (isDone: boolean) => void;
}

const KINDS = ["session", "user", "address"] as const;

const HOUR = 3_600_000;

/** Durations in ms; `0` is for good. */
const DURATIONS = {
  hour: HOUR,
  day: 24 * HOUR,
  week: 7 * 24 * HOUR,
  month: 30 * 24 * HOUR,
  forever: 0,
} as const;

type Duration = keyof typeof DURATIONS;

const NAMES: readonly Duration[] = ["hour", "day", "week", "month", "forever"];

/** Bans a person, a user or an address, for a time or for good. */
export function BanDialog({ admin, first, onClose }: BanDialogProps) {
  const target = useSignal(first);
  const duration = useSignal<Duration>("day");
  const reason = useSignal("");
  const text = strings.value;
  return (
    <ConfirmDialog
      title={text.banTitle}
      effect={text.banEffect}
      action={text.ban}
      isReady={isComplete(target.value)}
      onConfirm={() =>
        admin.ban(target.value, {
          duration: DURATIONS[duration.value],
          reason: reason.value.trim(),
        })}
      onClose={onClose}
    >
      <div class="admin-form">
        <TargetPicker
          id="ban-target"
          label={text.banWhom}
          kinds={KINDS}
          admin={admin}
          target={target}
        />
        {target.value.kind === "address" && <p class="hint">{text.banAddressHint}</p>}
        <label for="ban-duration">{text.banDuration}</label>
        <select
          id="ban-duration"
          value={duration.value}
          onChange={({ currentTarget: { value } }) => {
            duration.value = NAMES.find((name) => name === value) ?? "day";
          }}
        >
          {NAMES.map((name) => <option key={name} value={name}>{text.durations[name]}</option>)}
        </select>
        <label for="ban-reason">{text.banReason}</label>
        <input
          id="ban-reason"
          dir="auto"
          maxLength={BAN_REASON_LENGTH}
          value={reason.value}
          onInput={(event) => reason.value = event.currentTarget.value}
        />
      </div>
    </ConfirmDialog>
  );
}
