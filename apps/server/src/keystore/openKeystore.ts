import { existsSync, readFileSync } from "node:fs";
import { type Address, toLower } from "@testudo/core/model/Hex";
import type { Signer } from "@testudo/core/model/Signer";
import { toHex } from "viem/utils";
import { quoted } from "../config/looksSecret.ts";
import { UsageError } from "../config/UsageError.ts";
import { assertPrivate } from "./assertPrivate.ts";
import { decryptKey, type Keystore, keystoreSchema } from "./Keystore.ts";
import { localSigner } from "./localSigner.ts";

/**
 * The signer whose key is in `path`. Takes about a second. Throws KeystoreUnreadable, FileExposed when others may read
 * the file, PasswordWrong.
 */
export async function openKeystore(path: string, password: string): Promise<Signer> {
  const keystore = readKeystore(path);
  const privateKey = await decryptKey(keystore, password);
  if (privateKey === undefined) throw new PasswordWrong(path);
  const signer = localSigner(toHex(privateKey));
  const named = addressOf(keystore);
  if (named !== undefined && named !== signer.address)
    throw new KeystoreUnreadable(path, `it is labelled ${named} and holds the key of ${signer.address}`);
  return signer;
}

/** Whose key the file says it holds, lower case; undefined where it does not say. Throws like `openKeystore`. */
export function keystoreAddress(path: string): Address | undefined {
  return addressOf(readKeystore(path));
}

function readKeystore(path: string): Keystore {
  if (!existsSync(path)) throw new KeystoreUnreadable(path, "it is not there");
  assertPrivate(path);
  let body: unknown;
  try {
    body = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    // The parser quotes what it read, and that may be a password whose file was named in its place.
    if (cause instanceof SyntaxError) throw new KeystoreUnreadable(path, "it is no JSON");
    throw new KeystoreUnreadable(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
  const parsed = keystoreSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new KeystoreUnreadable(path, `${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim(), parsed.error);
}

function addressOf({ address }: Keystore): Address | undefined {
  return address === undefined ? undefined : toLower(`0x${address}`);
}

/** The file is no keystore that can be used. */
export class KeystoreUnreadable extends UsageError {
  override readonly name = "KeystoreUnreadable";
  constructor(path: string, why: string, cause?: unknown) {
    super(
      `Keystore ${quoted(path)} cannot be used: ${why}.`,
      "Allowed: Web3 Secret Storage version 3 (scrypt or pbkdf2), as `testudo keystore new` writes it.",
      "Correct the path, or restore the file from a backup.",
      cause === undefined ? {} : { cause },
    );
  }
}

/** The password does not open the keystore. */
export class PasswordWrong extends UsageError {
  override readonly name = "PasswordWrong";
  constructor(path: string) {
    super(
      `The password does not open ${quoted(path)}.`,
      "Either it is wrong, or the file was altered.",
      "Try again; after a copy, compare the file with its backup.",
    );
  }
}
