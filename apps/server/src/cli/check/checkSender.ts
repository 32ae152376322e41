import { dirname, resolve } from "node:path";
import { type Mistake, mistakeOfError } from "../../config/ConfigError.ts";
import { placeOfValue } from "../../config/locate.ts";
import { assertProgram } from "../../jobs/assertProgram.ts";
import { keystoreAddress } from "../../keystore/openKeystore.ts";
import { checkPasswordFile } from "../doctor/checkFolder.ts";
import type { CheckedPart } from "./CheckedPart.ts";
import type { Written } from "./Written.ts";

/** The account that pays: its keystore and password file are there and closed, and it is whom the policy names. */
export function checkSender({ file, source, checkedOf }: Written): readonly CheckedPart[] {
  const sender = checkedOf("sender");
  if (sender === undefined) return [];
  const inFolder = (path: string) => resolve(dirname(file), path);
  const faults: Mistake[] = [];
  const password = checkPasswordFile(inFolder(sender.passwordFile));
  if (password.level === "fail")
    faults.push({
      place: placeOfValue(source, ["sender", "passwordFile"]),
      what: password.text,
      allowed: "Allowed: a file of mode 0600 whose first line is the password.",
      wayOut: password.wayOut,
    });
  try {
    const address = keystoreAddress(inFolder(sender.keystore));
    const program = checkedOf("policy")?.rules?.program;
    if (address !== undefined && program !== undefined) assertProgram(address, program);
  } catch (error) {
    faults.push(mistakeOfError(placeOfValue(source, ["sender", "keystore"]), error));
  }
  return [{ part: "sender", text: sender.keystore, faults }];
}
