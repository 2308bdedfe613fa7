/** Environment variables, or the variables of a `.env` file. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Invalid settings. The message names each setting, the value that was received, and what is allowed. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** A setting that was read. */
export interface ReadSetting {
  readonly name: string;
  readonly value: string;
  /** Whether the environment has a value for it. */
  readonly isSet: boolean;
  /** Whether the value must not be shown to anyone. */
  readonly isSecret: boolean;
}

/**
 * Reads settings by name and collects the errors, so that all of them are reported at once. A setting that is invalid
 * has its default value from then on.
 */
export class SettingReader {
  readonly #environment: Environment;
  readonly #errors: string[] = [];
  readonly #read = new Map<string, ReadSetting>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** All settings that were read, in order. */
  get settings(): readonly ReadSetting[] {
    return [...this.#read.values()];
  }

  /** The errors that were found so far. */
  get errors(): readonly string[] {
    return this.#errors;
  }

  /** Reads a setting as it is. An empty or blank value counts as not set. */
  text(name: string, fallback: string): string {
    const received = this.#environment[name]?.trim();
    const value = received || fallback;
    const isSecret = this.#read.get(name)?.isSecret ?? false;
    this.#read.set(name, { name, value, isSet: Boolean(received), isSecret });
    return value;
  }

  /** Reads a setting that `parse` returns `undefined` for if it is invalid; `allowed` says what is valid. */
  parsed<T>(
    name: string,
    fallback: string,
    parse: (text: string) => T | undefined,
    allowed: string,
    describe = (text: string) => `"${text}"`,
  ): T {
    const text = this.text(name, fallback);
    const value = parse(text);
    if (value !== undefined) return value;
    this.addError(`${name} is ${describe(text)}; allowed: ${allowed}`);
    const defaultValue = parse(fallback);
    if (defaultValue === undefined) throw new Error(`The default of ${name} is invalid`);
    return defaultValue;
  }

  /** Like {@linkcode parsed}, for a value that no message may repeat. */
  secret<T>(
    name: string,
    fallback: string,
    parse: (text: string) => T | undefined,
    allowed: string,
  ): T {
    this.#read.set(name, { name, value: fallback, isSet: false, isSecret: true });
    return this.parsed(name, fallback, parse, allowed, () => "invalid (value not shown)");
  }

  /** Reads a whole number from `min` to `max`. */
  wholeNumber(
    name: string,
    fallback: number,
    { min, max }: { readonly min: number; readonly max: number },
  ): number {
    const parse = (text: string) => {
      const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : NaN;
      return value >= min && value <= max ? value : undefined;
    };
    return this.parsed(name, String(fallback), parse, `a whole number from ${min} to ${max}`);
  }

  /** Reads one of a few words. */
  oneOf<const Word extends string>(name: string, fallback: Word, words: readonly Word[]): Word {
    const parse = (text: string) => words.find((word) => word === text);
    return this.parsed(name, fallback, parse, words.join(", ").replace(/, (?=[^,]+$)/, " or "));
  }

  /** Adds an error, such as one of two settings that exclude each other. */
  addError(message: string): void {
    this.#errors.push(message);
  }

  /** Throws a {@linkcode ConfigError} with all errors, if there are any. */
  throwIfInvalid(): void {
    if (this.#errors.length === 0) return;
    throw new ConfigError(
      `Invalid settings:\n${this.#errors.map((message) => `  ${message}`).join("\n")}`,
    );
  }
}
