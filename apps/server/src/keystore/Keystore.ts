// Web3 Secret Storage version 3. Key derivation runs in Node's own scrypt: ox's async form takes no notice of a file's
// `r` and `p`, and keystores of other programs differ there.
import { pbkdf2, scrypt } from "node:crypto";
import { promisify } from "node:util";
import * as Format from "ox/Keystore";
import { z } from "zod";

const hex = (length?: number) =>
  z.string().regex(length === undefined ? /^([0-9a-fA-F]{2})+$/ : new RegExp(`^[0-9a-fA-F]{${length}}$`));
// Bounds on the cost: a file from elsewhere must not be able to take all memory.
const mostScryptBytes = 1 << 30;
const scryptParams = z
  .object({
    n: z
      .int()
      .min(2)
      .max(1 << 20),
    r: z.int().min(1).max(64),
    p: z.int().min(1).max(64),
    dklen: z.literal(32),
    salt: hex(),
  })
  .refine(({ n, r }) => 128 * n * r <= mostScryptBytes, "deriving the key would take more than 1 GiB");
const pbkdf2Params = z.object({
  c: z.int().min(1).max(10_000_000),
  prf: z.literal("hmac-sha256"),
  dklen: z.literal(32),
  salt: hex(),
});
const cryptoShape = {
  cipher: z.literal("aes-128-ctr"),
  ciphertext: hex(64),
  cipherparams: z.object({ iv: hex(32) }),
  mac: hex(64),
};

/** A keystore file. `address` is no secret and lets a person see whose key it is. */
export const keystoreSchema = z.object({
  version: z.literal(3),
  id: z.string(),
  address: hex(40).optional(),
  crypto: z.discriminatedUnion("kdf", [
    z.object({ ...cryptoShape, kdf: z.literal("scrypt"), kdfparams: scryptParams }),
    z.object({ ...cryptoShape, kdf: z.literal("pbkdf2"), kdfparams: pbkdf2Params }),
  ]),
});
export type Keystore = z.output<typeof keystoreSchema>;

/** What guessing a password costs: `n` rounds of `r` blocks, `p` times. Memory is 128 * n * r bytes. */
export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** 256 MiB and about a second for each guess; what geth calls standard. */
export const standardCost: ScryptCost = { n: 1 << 18, r: 8, p: 1 };

/** The keystore of `privateKey` under `password`. */
export async function encryptKey(
  privateKey: Uint8Array,
  password: string,
  { salt, iv, cost }: { readonly salt: Uint8Array; readonly iv: Uint8Array; readonly cost: ScryptCost },
): Promise<Keystore> {
  const kdfparams = { ...cost, dklen: 32, salt: Buffer.from(salt).toString("hex") } as const;
  const key = await deriveScrypt(password, kdfparams);
  const made = Format.encrypt(privateKey, `0x${key.toString("hex")}`, { kdf: "scrypt", kdfparams, iv });
  return keystoreSchema.parse(made);
}

/** The private key in `keystore`, or undefined when `password` is wrong or the file was altered. */
export async function decryptKey(keystore: Keystore, password: string): Promise<Uint8Array | undefined> {
  const { crypto } = keystore;
  const key = await deriveFor(crypto, password, keystore as Format.Keystore);
  try {
    return Format.decrypt(keystore as Format.Keystore, key, { as: "Bytes" });
  } catch (error) {
    if (error instanceof Error && error.message === "corrupt keystore") return undefined;
    throw error;
  }
}

async function deriveFor(crypto: Keystore["crypto"], password: string, format: Format.Keystore): Promise<Format.Key> {
  if (crypto.kdf === "pbkdf2") {
    const { salt, c } = crypto.kdfparams;
    const key = await promisify(pbkdf2)(password, Buffer.from(salt, "hex"), c, 32, "sha256");
    return `0x${key.toString("hex")}`;
  }
  // OpenSSL keeps to RFC 7914's bound n < 2^(16 r); the standard's own example and some wallets do not.
  if (Math.log2(crypto.kdfparams.n) >= 16 * crypto.kdfparams.r) return Format.toKey(format, { password });
  return `0x${(await deriveScrypt(password, crypto.kdfparams)).toString("hex")}`;
}

function deriveScrypt(password: string, { n, r, p, salt }: ScryptCost & { readonly salt: string }): Promise<Buffer> {
  // OpenSSL counts more than the table itself against the limit.
  const options = { N: n, r, p, maxmem: 128 * r * (n + p + 2) + (1 << 20) };
  return new Promise((resolve, reject) =>
    scrypt(password, Buffer.from(salt, "hex"), 32, options, (error, key) => (error ? reject(error) : resolve(key))),
  );
}
