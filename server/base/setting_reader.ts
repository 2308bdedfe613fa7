/** Environment variables, or what was read from `.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings that cannot be used; the message names each, what was received, and what is allowed. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** A setting that was asked for. */
export interface ReadSetting {
  readonly name: string;
  readonly value: string;
  readonly isSet: boolean;
  /** Nobody may be shown its value. */
  readonly isSecret: boolean;
}

/** Reads single settings, and collects what is wrong with them. */
export class SettingReader {
  readonly #environment: Environment;
  readonly #faults: string[] = [];
  readonly #read = new Map<string, ReadSetting>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** An empty setting counts as absent. */
  text(name: string, fallback: string): string {
    const value = this.#environment[name]?.trim() || fallback;
    const isSet = value !== fallback || Boolean(this.#environment[name]?.trim());
    const isSecret = this.#read.get(name)?.isSecret ?? false;
    this.#read.set(name, { name, value, isSet, isSecret });
    return value;
  }

  /** All settings that were asked for, in that order. */
  get settings(): readonly ReadSetting[] {
    return [...this.#read.values()];
  }

  /** What is wrong with them, as far as is known. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  parsed<T>(
    name: string,
    fallback: string,
    parse: (word: string) => T | undefined,
    allowed: string,
    received = (word: string) => `"${word}"`,
  ): T {
    const word = this.text(name, fallback);
    const value = parse(word);
    if (value !== undefined) return value;
    this.#faults.push(`${name} is ${received(word)}; allowed: ${allowed}`);
    const instead = parse(fallback);
    if (instead === undefined) throw new Error(`The default of ${name} does not fit`);
    return instead;
  }

  /** As {@linkcode parsed}, of what no error may repeat. */
  secret<T>(
    name: string,
    fallback: string,
    parse: (word: string) => T | undefined,
    allowed: string,
  ): T {
    const setting = { name, value: this.text(name, fallback), isSet: false, isSecret: true };
    this.#read.set(name, setting);
    return this.parsed(name, fallback, parse, allowed, () => "something else (not shown)");
  }

  wholeNumber(name: string, fallback: number, { min, max }: { min: number; max: number }) {
    const parse = (word: string) => {
      const value = /^[0-9]{1,15}$/.test(word) ? Number(word) : NaN;
      return value >= min && value <= max ? value : undefined;
    };
    return this.parsed(name, String(fallback), parse, `whole numbers from ${min} to ${max}`);
  }

  /** What is wrong with settings that do not go together. */
  addFault(fault: string): void {
    this.#faults.push(fault);
  }

  throwFaults(): void {
    if (this.#faults.length === 0) return;
    throw new ConfigError(
      `Cannot use these settings:\n${this.#faults.map((fault) => `  ${fault}`).join("\n")}`,
    );
  }
}
