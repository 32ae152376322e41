import { armor, Encrypter } from "age-encryption";

/** Encrypts bytes, or text as UTF-8; gives an armoured age file (age-encryption.org/v1). */
export type Sealer = (bytes: Uint8Array | string) => Promise<string>;

/**
 * Gives a function that encrypts for all of `recipients` (age public keys, `age1…`), any one of whom can open what it gives
 * by `age -d`; undefined without any. Nothing that is kept here can open it. Throws what the library says of a recipient
 * that is none.
 */
export function openSealer(recipients: readonly string[]): Sealer | undefined {
  if (recipients.length === 0) return undefined;
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return async (bytes) => armor.encode(await encrypter.encrypt(bytes));
}

/** `bytes` encrypted for all of `recipients`, as `openSealer` does; undefined without any. */
export async function sealFinding(
  bytes: Uint8Array | string,
  recipients: readonly string[],
): Promise<string | undefined> {
  return openSealer(recipients)?.(bytes);
}

/** Whether `text` is a public key that something can be encrypted for. */
export function isRecipient(text: string): boolean {
  try {
    new Encrypter().addRecipient(text);
    return true;
  } catch {
    return false;
  }
}
