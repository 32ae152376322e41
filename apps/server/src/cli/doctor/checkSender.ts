// Who signs for whatever is sent. A password that opens nothing, or an account without money, shows in the attack otherwise.
import { existsSync } from "node:fs";
import { balanceOf } from "@testudo/chain/act/sendAction";
import type { Address } from "@testudo/core/model/Hex";
import { formatEther } from "viem/utils";
import type { Settings } from "../../config/Config.ts";
import { exposureOf } from "../../keystore/assertPrivate.ts";
import { keystoreAddress, openKeystore } from "../../keystore/openKeystore.ts";
import { readPassword } from "../../keystore/readPassword.ts";
import { atNode } from "./atNode.ts";
import { type Check, fail, failOf, ok } from "./Check.ts";

const name = "password";

/** The file that holds the sender's password. */
export function checkPasswordFile(path: string): Check {
  if (!existsSync(path))
    return fail(name, `"${path}" is not there.`, "Write the sender's password into it, mode 0600.");
  const mode = exposureOf(path);
  if (mode === undefined) return ok(name, `"${path}" is for its owner only`);
  return fail(name, `"${path}" has mode ${mode.toString(8)}: others may read it.`, `Run: chmod 600 "${path}"`);
}

/** Whose key the password opens; takes about a second. What can be told of a keystore without it is told elsewhere. */
export async function checkPassword({ keystore, passwordFile }: NonNullable<Settings["sender"]>): Promise<{
  readonly check: Check;
  readonly address?: Address;
}> {
  const file = checkPasswordFile(passwordFile);
  if (file.level !== "ok" || !isReadable(keystore)) return { check: file };
  try {
    const password = await readPassword({ passwordFile, question: "Password" });
    const { address } = await openKeystore(keystore, password);
    return { check: ok(name, `${file.text}, and opens the key of ${address}`), address };
  } catch (error) {
    return { check: failOf(name, error) };
  }
}

function isReadable(keystore: string): boolean {
  try {
    keystoreAddress(keystore);
    return true;
  } catch {
    return false;
  }
}

/** Whether `sender` has anything to pay with. How much a pause needs hangs on the hour. */
export function checkFunds(url: string, sender: Address): Promise<readonly Check[]> {
  return atNode(url, "funds", async (endpoint) => {
    const funds = await balanceOf(endpoint, sender);
    if (funds > 0n) return [ok("funds", `${sender} has ${formatEther(funds)} ether`)];
    return [fail("funds", `${sender} has nothing: no pause can be sent.`, "Send it gas money.")];
  });
}
