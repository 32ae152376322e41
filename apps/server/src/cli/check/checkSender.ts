import { dirname, resolve } from "node:path";
import { type Mistake, mistakeOfError } from "../../config/ConfigError.ts";
import { placeOfValue } from "../../config/locate.ts";
import { assertProgram } from "../../jobs/send/assertProgram.ts";
import { keystoreAddress } from "../../keystore/openKeystore.ts";
import { checkPassword } from "../doctor/checkSender.ts";
import type { CheckedPart } from "./CheckedPart.ts";
import type { Written } from "./Written.ts";

/** The account that pays: its keystore and password file are closed to others, one opens the other, and it is whom the policy names. */
export async function checkSender({ file, source, checkedOf }: Written): Promise<readonly CheckedPart[]> {
  const sender = checkedOf("sender");
  if (sender === undefined) return [];
  const inFolder = (path: string) => resolve(dirname(file), path);
  const faults: Mistake[] = [];
  const keystore = inFolder(sender.keystore);
  const { check: password, address } = await checkPassword({ keystore, passwordFile: inFolder(sender.passwordFile) });
  if (password.level === "fail")
    faults.push({
      place: placeOfValue(source, ["sender", "passwordFile"]),
      what: password.text,
      allowed: "Allowed: a file of mode 0600 whose first line is the password.",
      wayOut: password.wayOut,
    });
  try {
    const named = keystoreAddress(keystore) ?? address;
    const program = checkedOf("policy")?.rules?.program;
    if (named !== undefined && program !== undefined) assertProgram(named, program);
  } catch (error) {
    faults.push(mistakeOfError(placeOfValue(source, ["sender", "keystore"]), error));
  }
  return [{ part: "sender", text: sender.keystore, faults }];
}
