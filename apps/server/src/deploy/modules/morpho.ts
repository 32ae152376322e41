import { morphoOracle } from "@testudo/contracts";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { encodeDeployData } from "viem/utils";
import { z } from "zod";
import { address, strict } from "../../config/fields.ts";
import type { Context, DeployModule, Expectation } from "../DeployModule.ts";
import { bounded, refuse } from "../deployFields.ts";
import type { NamedSource } from "../NamedAccount.ts";

const token = strict({
  token: address,
  /** As the token says them: the price's scale follows from them, for ever. */
  decimals: bounded(0, 36, "", "One digit too many or too few makes every price wrong by a factor of ten."),
});

/** A market of the oracle as the oracle of a Morpho Blue market. */
export const morphoSchema = strict({
  market: z.string({ error: "Allowed: the name of a market of the oracle." }),
  loan: token,
  collateral: token,
  /** How far a degraded price may stand above the anchor. */
  maxRiseBps: bounded(0, 10_000, "1/10,000", "How far above the anchor a degraded price is lent against."),
}).superRefine(({ loan, collateral }, context) => {
  if (loan.token === collateral.token)
    refuse(
      context,
      ["collateral", "token"],
      "It is the loan's token.",
      "Allowed: another token.",
      "A market names what secures its loans, and a Morpho market keeps its oracle for ever.",
    );
  const exponent = 18 + loan.decimals - collateral.decimals;
  if (exponent < 0 || exponent > 36)
    refuse(
      context,
      ["collateral", "decimals"],
      `${collateral.decimals} decimals, and ${loan.decimals} of the loan.`,
      "Allowed: at most 18 apart.",
      "The contract refuses it: prices would lose digits or overflow.",
    );
});

export type MorphoFile = z.output<typeof morphoSchema>;

/** The face of one market. It asks for a price when it is created, so that the market has to be set before. */
export function morphoModule(file: MorphoFile, market: Hex): DeployModule {
  const name = `morpho ${file.market}`;
  const plainOf = (context: Context) => ({
    aggregator: context.addressOf("oracle"),
    market,
    maxRiseBps: file.maxRiseBps,
    scale: 10n ** BigInt(18 + file.loan.decimals - file.collateral.decimals),
  });
  return {
    name,
    contracts: [name],
    isLater: true,
    creations: (context) => {
      const args = [
        context.addressOf("oracle"),
        market,
        file.loan.token,
        file.collateral.token,
        file.maxRiseBps,
      ] as const;
      return [{ contract: name, code: encodeDeployData({ ...morphoOracle, args }) }];
    },
    expects: (context) => {
      const base = { kind: "call", module: name, to: context.addressOf(name), abi: morphoOracle.abi } as const;
      return Object.entries(plainOf(context)).map(
        ([field, expected]): Expectation => ({ ...base, field, functionName: field, expected }),
      );
    },
  };
}

/** The tokens of `file`, the face number `index`. */
export function morphoSources({ loan, collateral }: MorphoFile, index: number): readonly NamedSource[] {
  return [
    [["morpho", index, "loan", "token"], loan.token],
    [["morpho", index, "collateral", "token"], collateral.token],
  ];
}

/** What `file` says of the decimals of tokens. */
export function morphoDecimals(
  { loan, collateral }: MorphoFile,
  index: number,
): readonly (readonly [path: readonly PropertyKey[], token: Address, decimals: number])[] {
  return [
    [["morpho", index, "loan", "decimals"], loan.token, loan.decimals],
    [["morpho", index, "collateral", "decimals"], collateral.token, collateral.decimals],
  ];
}
