/* Sealing to a public key: HPKE with X-Wing (FORMAT section 6), by the browser itself where it can. */

import { KEM_MLKEM768_X25519 as vendored } from "@panva/hpke-noble";
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_MLKEM768_X25519 as native, NotSupportedError, type KEMFactory } from "hpke";

import { concat, type Bytes } from "./bytes";
import { contextDigest, domain, type Context } from "./context";
import { prefix } from "./prefix";

export const BOX_MAGIC = "VSH1";
export const PUBLIC_LENGTH = 1216;
export const ENCAPSULATED_LENGTH = 1120;

/** Whoever holds the seed of `publicKey` opens it; nobody else, and not the sealer. */
export interface Recipient {
  /** 16 bytes: the id of an intake key. */
  readonly id: Bytes;
  /** 1,216 bytes, ML-KEM first. */
  readonly publicKey: Bytes;
}

/** A box of `plaintext`, 1,189 bytes longer. Raises for a public key that is none. */
export async function sealBox(to: Recipient, context: Context, installation: Bytes, plaintext: Bytes): Promise<Bytes> {
  const header = prefix(BOX_MAGIC, to.id, await contextDigest(context, installation));
  const seal = (kem: KEMFactory): Promise<Bytes> => sealWith(kem, to.publicKey, header, plaintext);
  return seal(native).catch((error: unknown) => {
    if (error instanceof NotSupportedError) return seal(vendored);
    throw error;
  });
}

export async function sealWith(kem: KEMFactory, publicKey: Bytes, header: Bytes, plaintext: Bytes): Promise<Bytes> {
  const suite = suiteOf(kem);
  const key = await suite.DeserializePublicKey(publicKey);
  const { encapsulatedSecret, ciphertext } = await suite.Seal(key, plaintext, { info: boxInfo(header) });
  return concat(header, new Uint8Array(encapsulatedSecret), new Uint8Array(ciphertext));
}

export function suiteOf(kem: KEMFactory): CipherSuite {
  return new CipherSuite(kem, KDF_HKDF_SHA256, AEAD_AES_256_GCM);
}

export function boxInfo(header: Bytes): Bytes {
  return concat(domain("box"), Uint8Array.of(0), header);
}
