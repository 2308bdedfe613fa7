import { hasSingleKeys, switchSingleKeys } from "../state/settings.ts";
import { closeDialog, Dialog } from "../views/dialog.tsx";
import { Switch } from "../views/settings_menu.tsx";
import { strings } from "./finding_strings.ts";

const isMac = /mac|iphone|ipad/i.test(navigator.platform);
const [CTRL, ALT] = isMac ? ["⌘", "⌥"] : ["Ctrl", "Alt"];

/** The keys of each action: alternatives, and what is pressed together. A key of one letter can be turned off. */
const KEYS = [
  ["switcher", [[CTRL, "K"]]],
  ["search", [[CTRL, "Shift", "F"]]],
  ["previous", [[ALT, "↑"], [ALT, "↓"]]],
  ["unread", [[ALT, "Shift", "↑"], [ALT, "Shift", "↓"]]],
  ["allRead", [["Shift", "Esc"]]],
  ["write", []],
  ["reply", [["R"]]],
  ["messages", [["↑"], ["↓"]]],
  ["send", [["Enter"], [CTRL, "Enter"]]],
  ["line", [["Shift", "Enter"]]],
  ["format", [[CTRL, "B"], [CTRL, "I"], [CTRL, "Shift", "X"]]],
  ["edit", [["↑"]]],
  ["back", [["Esc"]]],
  ["help", [["?"]]],
] as const;

/** All keys that the page knows. */
export function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  const { keys, close, actions, or, singleKeys, singleKeysHint } = strings.value;
  return (
    <Dialog title={keys} onClose={onClose}>
      <table class="keys" tabIndex={-1} autofocus>
        <tbody>
          {KEYS.map(([action, alternatives]) => (
            <tr key={action}>
              <th scope="row">{actions[action]}</th>
              <td>
                {alternatives.map((pressed, n) => (
                  <span key={n}>
                    {n > 0 && ` ${or} `}
                    {pressed.map((key) => <kbd key={key}>{key}</kbd>)}
                  </span>
                ))}
                {action === "write" && actions.writeKeys}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Switch isOn={hasSingleKeys.value} onSwitch={switchSingleKeys}>
        {singleKeys} (<kbd>R</kbd>, <kbd>?</kbd>)
        <small class="hint">{singleKeysHint}</small>
      </Switch>
      <div class="buttons">
        <button type="button" class="secondary" onClick={closeDialog}>{close}</button>
      </div>
    </Dialog>
  );
}
