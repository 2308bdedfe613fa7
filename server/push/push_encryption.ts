/** What a browser has made for a subscription: its public key, uncompressed, and a secret. */
export interface PushReceiver {
  readonly p256dh: Uint8Array<ArrayBuffer>;
  readonly auth: Uint8Array<ArrayBuffer>;
}

/** What is made anew for each message. */
export interface MessageKeys {
  readonly keys: CryptoKeyPair;
  readonly salt: Uint8Array<ArrayBuffer>;
}

const CURVE = { name: "ECDH", namedCurve: "P-256" } as const;

/** The size of a record, in the header. A message has one record, which may be shorter. */
const RECORD_SIZE = 4_096;

/** The delimiter of the last record (RFC 8188). */
const LAST_RECORD = 2;

const utf8 = new TextEncoder();

/** Encrypts a message for a browser (RFC 8291) with the content encoding `aes128gcm` (RFC 8188). */
export async function encryptPush(
  plaintext: Uint8Array<ArrayBuffer>,
  { p256dh, auth }: PushReceiver,
  made?: MessageKeys,
): Promise<Uint8Array<ArrayBuffer>> {
  const { keys, salt } = made ?? await newKeys();
  const receiver = await crypto.subtle.importKey("raw", p256dh, CURVE, false, []);
  const ownKey = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey));
  const shared = await crypto.subtle.deriveBits(
    { name: "ECDH", public: receiver },
    keys.privateKey,
    256,
  );
  const context = joined(utf8.encode("WebPush: info\0"), p256dh, ownKey);
  const secret = await derived(new Uint8Array(shared), { salt: auth, context, length: 32 });
  const label = (name: string) => utf8.encode(`Content-Encoding: ${name}\0`);
  const key = await derived(secret, { salt, context: label("aes128gcm"), length: 16 });
  const iv = await derived(secret, { salt, context: label("nonce"), length: 12 });
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const record = joined(plaintext, Uint8Array.of(LAST_RECORD));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, aes, record);
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, RECORD_SIZE);
  return joined(salt, size, Uint8Array.of(ownKey.length), ownKey, new Uint8Array(sealed));
}

async function newKeys(): Promise<MessageKeys> {
  const keys = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
  return { keys, salt: crypto.getRandomValues(new Uint8Array(16)) };
}

/** HKDF with SHA-256 (RFC 5869). */
async function derived(
  secret: Uint8Array<ArrayBuffer>,
  { salt, context: info, length }: {
    readonly salt: Uint8Array<ArrayBuffer>;
    readonly context: Uint8Array<ArrayBuffer>;
    readonly length: number;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const algorithm = { name: "HKDF", hash: "SHA-256", salt, info };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, length * 8));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
