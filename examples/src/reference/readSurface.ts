import { toLower } from "@testudo/core/model/Hex";
import type { ProtectedContract } from "testudo/drill/Scenario";
import { toFunctionSelector, toFunctionSignature } from "viem/utils";
import type { ChainSession } from "../curie/ChainSession.ts";
import { ask } from "./Director.ts";
import type { ReferenceWorld } from "./ReferenceWorld.ts";

/** The hardened exchange's functions by what they do to risk, as its breaker was told at deployment. */
export async function readSurface(session: ChainSession, { world, perp }: ReferenceWorld): Promise<ProtectedContract> {
  const signatures = new Map(
    perp.abi.flatMap((item) =>
      item.type === "function" ? [[toFunctionSelector(item), toFunctionSignature(item)] as const] : [],
    ),
  );
  const named = async (list: "guarded" | "exempt") => {
    const selectors = await ask<readonly `0x${string}`[]>(session, world, list);
    return Object.fromEntries(selectors.map((selector) => [signatures.get(selector)!, selector]));
  };
  return {
    name: "ReferencePerp",
    address: perp.address,
    pausable: await named("guarded"),
    exempt: await named("exempt"),
  };
}

/** The same functions of an exchange whose world does not list them. */
export function surfaceOf({ perp }: ReferenceWorld): ProtectedContract {
  const named = (names: readonly string[]) =>
    Object.fromEntries(
      perp.abi.flatMap((item) =>
        item.type === "function" && names.includes(item.name)
          ? [[toFunctionSignature(item), toFunctionSelector(item)] as const]
          : [],
      ),
    );
  return { name: "ReferencePerp", address: toLower(perp.address), pausable: named(guarded), exempt: named(exempt) };
}

// As HardenedWorld.sol has them.
const guarded = [
  "withdraw",
  "removeMargin",
  "donate",
  "requestOrder",
  "executeOrder",
  "onExecute",
  "removeLiquidity",
  "addLiquidity",
];
const exempt = [
  "deposit",
  "addMargin",
  "closePosition",
  "liquidate",
  "deleverage",
  "cancelOrder",
  "settleFunding",
  "collectFees",
];
