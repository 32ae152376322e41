import { guardianCouncil } from "@testudo/contracts";
import type { Address } from "@testudo/core/model/Hex";
import { encodeDeployData } from "viem/utils";
import { z } from "zod";
import { address, strict } from "../../config/fields.ts";
import type { DeployModule } from "../DeployModule.ts";
import { bounded, refuse, repeated } from "../deployFields.ts";
import { healthyOf } from "./healthyOf.ts";

const threshold = (name: string) => bounded(1, 7, "signatures", `${name} counts signatures of at most 7 guardians.`);

/** Guardians and their thresholds: m1 pause, m2 extend, halt and veto, m3 veto a rotation. */
export const councilSchema = strict({
  guardians: z.array(address, { error: "Allowed: a list of 3 to 7 addresses." }),
  m1: threshold("m1"),
  m2: threshold("m2"),
  m3: threshold("m3"),
}).superRefine(({ guardians, m1, m2, m3 }, context) => {
  const count = guardians.length;
  if (count < 3 || count > 7)
    refuse(
      context,
      ["guardians"],
      `There ${count === 1 ? "is one guardian" : `are ${count} guardians`}.`,
      "Allowed: 3 to 7.",
      "With fewer, one stolen key or one lost key decides alone; the council has seven seats.",
    );
  for (const [again, first] of repeated(guardians))
    refuse(
      context,
      ["guardians", again],
      `${guardians[again]} is a guardian twice (guardians[${first}]).`,
      "Allowed: each once.",
      "One key would count as two people.",
    );
  if (m1 < 2)
    refuse(context, ["m1"], `m1 is ${m1}.`, "Allowed: 2 or more.", "One guardian alone could pause the protocol.");
  if (m1 >= m2)
    refuse(
      context,
      ["m2"],
      `m2 is ${m2} and m1 is ${m1}.`,
      "Allowed: m1 < m2 <= m3 <= guardians.",
      "Who may pause for hours could else also halt the exits and veto the timelock.",
    );
  if (m2 > m3)
    refuse(
      context,
      ["m3"],
      `m3 is ${m3} and m2 is ${m2}.`,
      "Allowed: m1 < m2 <= m3 <= guardians.",
      "Stolen keys that can veto could else veto their own removal for ever.",
    );
  if (m3 > count)
    refuse(
      context,
      ["m3"],
      `m3 is ${m3} of ${count} guardians.`,
      "Allowed: m1 < m2 <= m3 <= guardians.",
      "Nobody could ever reach it.",
    );
});

export type CouncilFile = z.output<typeof councilSchema>;

/** The council of `file`. `slowWalletIsKey`: on a development chain, where a key stands for the Safe. */
export function councilModule(file: CouncilFile, slowWalletIsKey: boolean): DeployModule {
  const { guardians, m1, m2, m3 } = file;
  return {
    name: "council",
    contracts: ["council"],
    creations: (context) => [
      {
        contract: "council",
        code: encodeDeployData({
          ...guardianCouncil,
          args: [
            context.addressOf("breaker"),
            context.addressOf("timelock"),
            context.slowWallet,
            [...guardians],
            m1,
            m2,
            m3,
          ],
        }),
      },
    ],
    expects: (context) => {
      const to = context.addressOf("council");
      const base = { kind: "call", module: "council", to, abi: guardianCouncil.abi } as const;
      return [
        { ...base, field: "breaker", functionName: "breaker", expected: context.addressOf("breaker") },
        { ...base, field: "timelock", functionName: "timelock", expected: context.addressOf("timelock") },
        { ...base, field: "slowWallet", functionName: "slowWallet", expected: context.slowWallet },
        {
          ...base,
          field: "guardians",
          functionName: "members",
          pick: (members: readonly Address[]) =>
            members
              .filter((member) => BigInt(member) !== 0n)
              .map((member) => member.toLowerCase())
              .sort(),
          expected: [...guardians].sort(),
        },
        { ...base, field: "thresholds", functionName: "thresholds", expected: [m1, m2, m3] },
        // A key answers no question about its threshold: on a development chain this one complaint was asked for.
        healthyOf(base, slowWalletIsKey ? "slow wallet below m3" : ""),
      ];
    },
  };
}
