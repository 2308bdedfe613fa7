import type { ReadonlySignal } from "@preact/signals";
import { Switch } from "../views/settings_menu.tsx";
import type { DevicePushes } from "./device_pushes.ts";
import { failureText, strings } from "./push_strings.ts";

interface PushSwitchesProps {
  readonly pushes: ReadonlySignal<DevicePushes | undefined>;
}

/** Notifications while the page is closed: a part of the settings. */
export function PushSwitches({ pushes: { value: pushes } }: PushSwitchesProps) {
  if (!pushes) return null;
  const { whenClosed, whenClosedHint, contents, contentsHint } = strings.value;
  const failure = pushes.failure.value;
  return (
    <>
      <Switch isOn={pushes.isOn.value} onSwitch={() => pushes.switch()}>
        {whenClosed}
        <small>{whenClosedHint}</small>
      </Switch>
      {failure && <p class="error-line" role="alert">{failureText(failure)}</p>}
      {pushes.isOn.value && (
        <Switch
          isOn={pushes.hasContents.value}
          onSwitch={() => pushes.switchContents()}
        >
          {contents}
          <small>{contentsHint}</small>
        </Switch>
      )}
    </>
  );
}
