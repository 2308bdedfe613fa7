import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { strings } from "../i18n/page_strings.ts";
import type { Chat } from "../state/chat.ts";
import {
  chooseTheme,
  hasSound,
  notifying,
  permission,
  switchDesktop,
  switchSound,
  theme,
  wantsDesktop,
} from "../state/settings.ts";
import { Avatar } from "./avatars.tsx";
import { LanguageSwitch } from "./language_switch.tsx";
import type { PageDialog } from "./page_dialogs.tsx";
import { type SignOut, SignOutButton } from "./sign_out.tsx";

const MENU = "settings";

interface SettingsMenuProps {
  readonly chat: Chat;
  readonly signOut: SignOut | undefined;
  readonly onDialog: (dialog: PageDialog) => void;
  readonly onKeys: () => void;
}

/** The user's name, and a menu with the settings of this browser. (Not a `popover`, which Chrome 109 lacks.) */
export function SettingsMenu({ chat, signOut, onDialog, onKeys }: SettingsMenuProps) {
  const { self } = chat;
  // The application names its users, and signs them in on every device.
  const isGuest = signOut !== undefined && !signOut.url;
  const frame = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const isOpen = useSignal(false);
  useEffect(() => {
    if (!isOpen.value) return;
    const closeOutside = ({ target }: Event) => {
      // A dialog returns the focus to the button that has opened it.
      if (!(target instanceof Element) || target.closest("dialog")) return;
      if (!frame.current?.contains(target)) isOpen.value = false;
    };
    document.addEventListener("pointerdown", closeOutside);
    return () => document.removeEventListener("pointerdown", closeOutside);
  }, [isOpen.value]);
  const closeOnEscape = ({ key }: KeyboardEvent) => {
    if (key !== "Escape" || !isOpen.value) return;
    isOpen.value = false;
    button.current?.focus();
  };

  return (
    <div ref={frame} class="self-menu" onKeyDown={closeOnEscape}>
      <button
        ref={button}
        type="button"
        class="self"
        aria-expanded={isOpen.value}
        aria-controls={MENU}
        onClick={() => isOpen.value = !isOpen.value}
      >
        <Avatar person={self} />
        <strong dir="auto" title={self.displayName}>{self.displayName}</strong>
        <span class="visually-hidden">{strings.value.settings}</span>
        <SlidersIcon />
      </button>
      <div
        id={MENU}
        class="settings"
        hidden={!isOpen.value}
        role="dialog"
        aria-label={strings.value.settings}
      >
        <p class="self-name">
          <Avatar person={self} />
          <strong dir="auto">{self.displayName}</strong>
        </p>
        <ThemeChoice />
        <LanguageChoice />
        <Switches />
        <button type="button" class="keys-button" onClick={onKeys}>{strings.value.keys}</button>
        {isGuest && <GuestActions onDialog={onDialog} />}
        {signOut && (
          <SignOutButton
            chat={chat}
            signOut={signOut}
            onAsk={() => onDialog("sign-out")}
          />
        )}
      </div>
    </div>
  );
}

function GuestActions({ onDialog }: Pick<SettingsMenuProps, "onDialog">) {
  const { changeName, otherDevice } = strings.value;
  return (
    <div class="menu-items">
      <button type="button" class="menu-item" onClick={() => onDialog("rename")}>
        {changeName}
      </button>
      <button type="button" class="menu-item" onClick={() => onDialog("move")}>
        {otherDevice}
      </button>
    </div>
  );
}

function ThemeChoice() {
  return (
    <Choice
      name="theme"
      label={strings.value.theme}
      options={["system", "light", "dark"]}
      chosen={theme.value}
      onChoose={chooseTheme}
    >
      {(option) => strings.value.themes[option]}
    </Choice>
  );
}

function LanguageChoice() {
  return (
    <div class="setting-line">
      <span aria-hidden="true">{strings.value.language}</span>
      <LanguageSwitch />
    </div>
  );
}

function Switches() {
  const isDenied = permission.value === "denied";
  const isOn = permission.value === "granted" && wantsDesktop.value;
  return (
    <div class="switches">
      {permission.value === "missing"
        ? (
          <p>
            {strings.value.desktopNotifications}
            <small>{strings.value.desktopMissing}</small>
          </p>
        )
        : (
          <Switch isOn={isOn} isDisabled={isDenied} onSwitch={switchDesktop}>
            {strings.value.desktopNotifications}
            <small>{isDenied ? strings.value.desktopDenied : strings.value.desktopHint}</small>
          </Switch>
        )}
      {notifying.switches.value}
      <Switch isOn={hasSound.value} onSwitch={switchSound}>{strings.value.sound}</Switch>
    </div>
  );
}

interface ChoiceProps<T extends string> {
  readonly name: string;
  readonly label: string;
  readonly options: readonly T[];
  readonly chosen: T;
  readonly onChoose: (option: T) => void;
  /** Renders the name of an option. */
  readonly children: (option: T) => ComponentChildren;
}

/** A set of radio buttons. */
export function Choice<T extends string>(
  { name, label, options, chosen, onChoose, children }: ChoiceProps<T>,
) {
  return (
    <fieldset>
      <legend>{label}</legend>
      <div class="choice">
        {options.map((option) => (
          <label key={option}>
            <input
              type="radio"
              name={`${MENU}-${name}`}
              checked={option === chosen}
              onChange={() => onChoose(option)}
            />
            <span>{children(option)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface SwitchProps {
  readonly isOn: boolean;
  readonly isDisabled?: boolean;
  readonly onSwitch: () => void;
  readonly children: ComponentChildren;
}

export function Switch({ isOn, isDisabled = false, onSwitch, children }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isOn}
      disabled={isDisabled}
      onClick={onSwitch}
    >
      <span>{children}</span>
    </button>
  );
}

function SlidersIcon() {
  return (
    <svg class="sliders-icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M4 7h9m5 0h2M4 17h2m5 0h9" />
      <circle cx="15.5" cy="7" r="2.5" />
      <circle cx="8.5" cy="17" r="2.5" />
    </svg>
  );
}
