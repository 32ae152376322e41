import { join } from "node:path";
import { replaceFile } from "../operator/writeFile.ts";
import { sealFinding } from "./sealFinding.ts";

/** Where a finding's file lies, and whether it is encrypted. */
export interface KeptFinding {
  readonly file: string;
  readonly isSealed: boolean;
}

/** What to tell a person of files that are not encrypted, and the way out. */
export const unsealedNote =
  "Not encrypted: whoever reads the data folder reads a working exploit. Only its owner may (mode 0600). Name the guardians' age keys in `preblock.recipients` of the configuration to have it sealed.";

/**
 * Keeps `bytes` as `findings/NAME` in the data folder, readable by its owner alone; with recipients as `NAME.age`, encrypted
 * for them (LAB-32). `name` is lower case, digits, dots and hyphens. Throws what the library says of a wrong recipient.
 */
export async function keepFinding(
  dataDir: string,
  name: string,
  bytes: Uint8Array | string,
  recipients: readonly string[],
): Promise<KeptFinding> {
  if (!/^[a-z0-9][a-z0-9.-]{0,99}$/.test(name)) throw new TypeError(`"${name}" is no name for a finding's file.`);
  const sealed = await sealFinding(bytes, recipients);
  const file = join(dataDir, "findings", sealed === undefined ? name : `${name}.age`);
  replaceFile(file, sealed ?? bytes);
  return { file, isSealed: sealed !== undefined };
}
