/** Takes down in `reported` what is reported as a defect, which would fail the test otherwise. */
export function reporting(reported: unknown[]): Disposable {
  const note = (event: ErrorEvent) => {
    event.preventDefault();
    reported.push(event.error);
  };
  addEventListener("error", note);
  return { [Symbol.dispose]: () => removeEventListener("error", note) };
}
