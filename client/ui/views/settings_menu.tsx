import type { ComponentChildren } from "preact";
import { DICTIONARIES, words } from "../i18n/language.ts";
import { language } from "../i18n/talk.ts";
import type { Chat } from "../state/chat.ts";
import { PersonMark } from "./marks.tsx";
import {
  chooseTheme,
  hasSound,
  permission,
  switchDesktop,
  switchSound,
  theme,
  wantsDesktop,
} from "../state/settings.ts";

const MENU = "settings";

interface SettingsMenuProps {
  readonly chat: Chat;
  readonly onSignOut: () => void;
}

/** Who one is; and, in a menu, all that one can choose for this browser. */
export function SettingsMenu({ chat: { self }, onSignOut }: SettingsMenuProps) {
  return (
    <>
      <button type="button" class="self" popovertarget={MENU}>
        <PersonMark person={self} />
        <strong dir="auto" title={self.displayName}>{self.displayName}</strong>
        <span class="only-heard">{words.value.settings}</span>
        <SlidersMark />
      </button>
      <div
        id={MENU}
        class="settings"
        popover="auto"
        role="dialog"
        aria-label={words.value.settings}
      >
        <p class="whose">
          <PersonMark person={self} />
          <strong dir="auto">{self.displayName}</strong>
        </p>
        <ThemeChoice />
        <LanguageChoice />
        <Switches />
        <button type="button" class="sign-out" onClick={onSignOut}>{words.value.signOut}</button>
      </div>
    </>
  );
}

function ThemeChoice() {
  return (
    <Choice
      name="theme"
      label={words.value.theme}
      options={["system", "light", "dark"]}
      chosen={theme.value}
      onChoose={chooseTheme}
    >
      {(option) => words.value.themes[option]}
    </Choice>
  );
}

function LanguageChoice() {
  return (
    <Choice
      name="language"
      label={words.value.inLanguage}
      options={["en", "zh"]}
      chosen={language.value}
      onChoose={(tag) => language.value = tag}
    >
      {(option) => <span lang={option}>{DICTIONARIES[option].language}</span>}
    </Choice>
  );
}

function Switches() {
  const isDenied = permission.value === "denied";
  const isGiven = permission.value === "granted" && wantsDesktop.value;
  return (
    <div class="switches">
      {permission.value !== "missing" && (
        <Switch isOn={isGiven} isDisabled={isDenied} onSwitch={switchDesktop}>
          {words.value.desktop}
          <small>{isDenied ? words.value.desktopDenied : words.value.desktopHint}</small>
        </Switch>
      )}
      <Switch isOn={hasSound.value} onSwitch={switchSound}>{words.value.sound}</Switch>
    </div>
  );
}

interface ChoiceProps<T extends string> {
  readonly name: string;
  readonly label: string;
  readonly options: readonly T[];
  readonly chosen: T;
  readonly onChoose: (option: T) => void;
  /** What an option is called. */
  readonly children: (option: T) => ComponentChildren;
}

/** One of few. */
function Choice<T extends string>(
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

function Switch({ isOn, isDisabled = false, onSwitch, children }: SwitchProps) {
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

function SlidersMark() {
  return (
    <svg class="sliders-mark" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M4 7h9m5 0h2M4 17h2m5 0h9" />
      <circle cx="15.5" cy="7" r="2.5" />
      <circle cx="8.5" cy="17" r="2.5" />
    </svg>
  );
}
