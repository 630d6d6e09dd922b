/* Derivation (FORMAT section 3). What comes out as a CryptoKey cannot be taken out of it again. */

import { domain } from "./context";
import type { Bytes } from "./bytes";

/** 32 bytes. */
export async function derive(key: Bytes, label: string, salt: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.deriveBits(hkdf(label, salt), await material(key), 256));
}

export async function deriveCipher(key: Bytes, label: string, salt: Bytes, use: "encrypt" | "decrypt"): Promise<CryptoKey> {
  const aes = { name: "AES-GCM", length: 256 };
  return crypto.subtle.deriveKey(hkdf(label, salt), await material(key), aes, false, [use]);
}

function hkdf(label: string, salt: Bytes): HkdfParams {
  return { name: "HKDF", hash: "SHA-256", salt, info: domain(label) };
}

async function material(key: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key, "HKDF", false, ["deriveBits", "deriveKey"]);
}
