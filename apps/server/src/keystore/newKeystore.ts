import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { type Address, toLower } from "@testudo/core/model/Hex";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { toHex } from "viem/utils";
import { writeNewFile } from "../operator/writeFile.ts";
import { encryptKey, type ScryptCost, standardCost } from "./Keystore.ts";

export const minPasswordLength = 8;

/**
 * Makes a new key, writes it encrypted to `path` (mode 0600) and returns its address. `cost` is for tests; the default
 * takes about a second. Throws KeystoreExists, never overwrites; PasswordWeak.
 */
export async function newKeystore(path: string, password: string, cost: ScryptCost = standardCost): Promise<Address> {
  if (password.length < minPasswordLength) throw new PasswordWeak(password.length);
  if (existsSync(path)) throw new KeystoreExists(path);
  const privateKey = generatePrivateKey();
  const address = toLower(privateKeyToAddress(privateKey));
  const keystore = await encryptKey(Buffer.from(privateKey.slice(2), "hex"), password, {
    salt: randomBytes(32),
    iv: randomBytes(16),
    cost,
  });
  const body = { address: address.slice(2), ...keystore };
  if (!writeNewFile(path, `${JSON.stringify(body, null, 2)}\n`)) throw new KeystoreExists(path);
  return address;
}

/** A name for a new keystore's file, from when it was made and a few random letters. */
export function keystoreName(now: Date): string {
  return `${now.toISOString().slice(0, 19).replaceAll(":", "-")}-${toHex(randomBytes(3)).slice(2)}.json`;
}

/** There is a file already. */
export class KeystoreExists extends Error {
  override readonly name = "KeystoreExists";
  constructor(path: string) {
    super(
      `"${path}" is there already.\n- A keystore is never overwritten: its key would be lost.\n- Give another file with --out, or move this one away.`,
    );
  }
}

/** A password that is too short. */
export class PasswordWeak extends Error {
  override readonly name = "PasswordWeak";
  constructor(length: number) {
    super(`The password has ${length} characters.\n- Allowed: ${minPasswordLength} or more.\n- Choose a longer one.`);
  }
}
