/**
 * Stands in for `jsr:@std/assert` where JSR is out of reach: same names, same behaviour, for what is used here.
 *
 * @module
 */
import { AssertionError, deepStrictEqual, notDeepStrictEqual } from "node:assert/strict";

export { AssertionError };

/** Throws unless `expression` is truthy. */
export function assert(
  expression: unknown,
  message = "The expression is falsy",
): asserts expression {
  if (!expression) throw new AssertionError({ message });
}

/** Throws unless the two are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  deepStrictEqual(actual, expected, message);
}

/** Throws if the two are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  notDeepStrictEqual(actual, expected, message);
}

/** Throws unless `actual` is `null` or `undefined` no more. */
export function assertExists<T>(actual: T, message?: string): asserts actual is NonNullable<T> {
  assert(actual !== undefined && actual !== null, message ?? `Expected something, got ${actual}`);
}

/** Throws unless `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  assert(actual.includes(expected), message ?? `Expected to find "${expected}" in "${actual}"`);
}

/** Throws unless `expected` matches `actual`. */
export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  assert(expected.test(actual), message ?? `Expected "${actual}" to match ${expected}`);
}

/** Throws unless `actual` is at least `expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, message?: string): void {
  assert(actual >= expected, message ?? `Expected ${actual} to be at least ${expected}`);
}

/** Throws unless `actual` is at most `expected`. */
export function assertLessOrEqual<T>(actual: T, expected: T, message?: string): void {
  assert(actual <= expected, message ?? `Expected ${actual} to be at most ${expected}`);
}

type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** Runs `fn`, and returns the error that it throws; throws if it throws none, or one of another class. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass?: ErrorClass<E>,
  messageIncludes = "",
): E {
  try {
    fn();
  } catch (error) {
    return expectError(error, errorClass, messageIncludes);
  }
  throw new AssertionError({ message: "Expected the function to throw" });
}

/** Runs `fn`, and resolves to the error that it rejects with; rejects if it does not, or with one of another class. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  messageIncludes = "",
): Promise<E> {
  try {
    await fn();
  } catch (error) {
    return expectError(error, errorClass, messageIncludes);
  }
  throw new AssertionError({ message: "Expected the function to reject" });
}

function expectError<E extends Error>(
  error: unknown,
  errorClass: ErrorClass<E> | undefined,
  messageIncludes: string,
): E {
  const expected: ErrorClass<Error> = errorClass ?? Error;
  assert(error instanceof expected, `Expected ${expected.name}, got ${error}`);
  assertStringIncludes(error.message, messageIncludes);
  return error as E;
}
