import { existsSync, readFileSync } from "node:fs";
import { assertPrivate } from "../keystore/assertPrivate.ts";
import type { SecretRef } from "./ChannelConfig.ts";
import { UsageError } from "./UsageError.ts";

/**
 * The secret that `ref` names, for `what`. A file's first line counts. Throws SecretMissing where there is none, FileExposed when
 * others may read the file.
 */
export function readSecret(ref: SecretRef, what: string): string {
  if ("env" in ref) {
    const value = process.env[ref.env];
    if (value === undefined || value === "")
      throw new SecretMissing(what, `environment variable "${ref.env}" is ${value === "" ? "empty" : "not set"}`);
    return value;
  }
  if (!existsSync(ref.file)) throw new SecretMissing(what, `file "${ref.file}" is not there`);
  assertPrivate(ref.file);
  const [line = ""] = readFileSync(ref.file, "utf8").split(/\r?\n/, 1);
  if (line.trim() === "") throw new SecretMissing(what, `the first line of "${ref.file}" is empty`);
  return line.trim();
}

/** A channel has no secret to show. */
export class SecretMissing extends UsageError {
  override readonly name = "SecretMissing";
  constructor(what: string, why: string) {
    super(
      `There is no ${what}: ${why}.`,
      "Allowed: an environment variable, or the first line of a file of mode 0600.",
      "Set it, or name another place in the configuration.",
    );
  }
}
