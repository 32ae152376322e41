import type { ProtectedContract } from "testudo/drill/Scenario";
import { toFunctionSelector, toFunctionSignature } from "viem";
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
