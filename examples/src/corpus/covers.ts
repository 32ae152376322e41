import { invariant } from "@testudo/core/detectors/invariant";
import type { DetectorUse } from "@testudo/core/model/Detector";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import { uintOf } from "@testudo/core/model/Query";
import type { StateRead } from "@testudo/core/model/StateRead";
import { erc20Abi } from "viem";
import { encodeFunctionData } from "viem/utils";

/** A figure that a contract answers. */
export interface Figure {
  readonly to: Address;
  readonly data: Hex;
}

/** What `holder` holds of a token. */
export function heldBy(token: Address, holder: Address): Figure {
  return { to: token, data: encodeFunctionData({ abi: erc20Abi, functionName: "balanceOf", args: [holder] }) };
}

/** A user's own identity: what there is covers what is owed, at every block. */
export function covers(id: string, subject: Address, there: Figure, owed: Figure): DetectorUse {
  const readOf = ({ to, data }: Figure): StateRead => ({ kind: "call", at: "block", to: toLower(to), data });
  return invariant({
    id,
    reads: () => [readOf(there), readOf(owed)],
    predicate: (answers) => {
      const [has, owes] = answers.map((answer) => uintOf(answer));
      return {
        holds: has !== undefined && owes !== undefined && has >= owes,
        reason: `${owes} is owed and ${has} is there.`,
        evidence: { has: has ?? null, owes: owes ?? null },
        subject: toLower(subject),
      };
    },
  });
}

/** A figure that has to stay at nought, such as debts that nothing stands behind. */
export function staysZero(id: string, subject: Address, { to, data }: Figure): DetectorUse {
  return invariant({
    id,
    reads: () => [{ kind: "call", at: "block", to: toLower(to), data }],
    predicate: ([answer]) => {
      const figure = uintOf(answer);
      return {
        holds: figure === 0n,
        reason: `${figure} is owed and nothing stands behind it.`,
        evidence: { figure: figure ?? null },
        subject: toLower(subject),
      };
    },
  });
}
