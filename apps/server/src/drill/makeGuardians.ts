import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Signer } from "@testudo/core/model/Signer";
import { newKeystore } from "../keystore/newKeystore.ts";
import { openKeystore } from "../keystore/openKeystore.ts";

const guardianPassword = "a drill's keys guard nothing";
// The drill's keys are worth nothing; a cheap derivation saves three seconds.
const cheapCost = { n: 1_024, r: 8, p: 1 };

/** Signers of three new guardians, whose keystores stand in `dataDir`/keystores; that folder must not be there yet. */
export async function makeGuardians(dataDir: string): Promise<Signer[]> {
  const folder = join(dataDir, "keystores");
  mkdirSync(folder, { mode: 0o700 });
  const signers: Signer[] = [];
  for (const name of ["anna", "bruno", "chiara"]) {
    const path = join(folder, `${name}.json`);
    await newKeystore(path, guardianPassword, cheapCost);
    signers.push(await openKeystore(path, guardianPassword));
  }
  return signers;
}
