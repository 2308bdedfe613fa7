/** Signs a token as an application does (JWT, RFC 7519, with HS256). */
export async function signToken(claims: object, secret: string): Promise<string> {
  const part = (value: object) => inBase64Url(utf8.encode(JSON.stringify(value)));
  const content = `${part({ alg: "HS256" })}.${part(claims)}`;
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8.encode(secret), hmac, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, utf8.encode(content));
  return `${content}.${inBase64Url(new Uint8Array(signature))}`;
}

const utf8 = new TextEncoder();

export function inBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
