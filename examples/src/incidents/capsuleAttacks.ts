// The attacks for `testudo backtest --capsules`, which loads this module by its path.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { EvmTransaction } from "@testudo/core/model/Evm";
import { toLower } from "@testudo/core/model/Hex";
import type { CapsuleAttack } from "testudo/backtest/CapsuleAttack";
import type { Address } from "viem";
import { getContractAddress } from "viem/utils";
import { type AttackPlan, contractAttack, readRecordedCall } from "./attackPlan.ts";
import { type Incident, type IncidentSlug, incidents } from "./incidents.ts";

// The first account of a development node: what plays the attacks there sends from it too.
const attacker: Address = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
// Far above what the largest attack uses (18 million).
const gas = 100_000_000n;

/** How each attack works, in the classes of published tables. */
const mechanisms: { readonly [slug in IncidentSlug]: string } = {
  predyfinance: "reentrancy",
  radiantcapital: "arithmetic",
  woofi: "price manipulation",
  pikefinance: "access control",
  "alkimiya-io": "arithmetic",
  seneca: "access control",
  compounduni: "stale price",
  orbitchain: "stolen keys",
  gamma: "price manipulation",
  lavalending: "price manipulation",
};

/** The attacks on the capsules in `folder`; one that needs a recorded call is left out where that is not there. */
export function capsuleAttacks(folder: string): CapsuleAttack[] {
  const isThere = ({ callFile }: Incident) => callFile === undefined || existsSync(join(folder, callFile));
  return incidents.filter(isThere).map((incident: Incident) => {
    const { slug, file, callFile, protect } = incident;
    const plan =
      callFile === undefined
        ? contractAttack(slug, getContractAddress({ from: attacker, nonce: 0n }))
        : readRecordedCall(join(folder, callFile));
    return {
      file,
      name: slug,
      mechanism: mechanisms[slug as IncidentSlug],
      protect: protect.map(toLower),
      attacker,
      transactions: transactionsOf(plan),
    };
  });
}

function transactionsOf({ bytecode, to, data }: AttackPlan): EvmTransaction[] {
  const common = { from: attacker, value: 0n, gas };
  const call = { ...common, to: toLower(to), input: toLower(data) };
  return bytecode === undefined ? [call] : [{ ...common, to: null, input: toLower(bytecode) }, call];
}
