/** Collects uncaught errors in `errors` until disposed. Otherwise they would fail the test. */
export function captureErrors(errors: unknown[]): Disposable {
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    errors.push(event.error);
  };
  addEventListener("error", onError);
  return { [Symbol.dispose]: () => removeEventListener("error", onError) };
}
