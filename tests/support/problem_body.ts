/** The body of a problem, as Halley answers with it. */
export function problemBody(status: number, code: string) {
  return {
    type: `urn:halley:problem:${code}`,
    title: code,
    status,
    detail: `Because of ${code}`,
    code,
  };
}
