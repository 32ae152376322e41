import type { Hex } from "viem";
import { encodeFunctionData } from "viem/utils";
import type { Cast } from "./Cast.ts";
import { type Call, type ChainSession, execute, submitAndMine } from "./ChainSession.ts";
import { clearingHouseAbi } from "./curieAbi.ts";
import * as calls from "./curieCalls.ts";
import type { CurieSystem } from "./deployCurie.ts";
import type { SeededMarket } from "./seedMarket.ts";

/** What Curie's own emergency stop of the ClearingHouse does to the two calls that matter. */
export type PauseContrast = {
  /** True: a trader cannot leave a position. */
  readonly closePositionBlocked: boolean;
  readonly closePositionTx: Hex;
  /** True: money still flows out of the Vault. */
  readonly withdrawOpen: boolean;
  readonly withdrawTx: Hex;
};

/**
 * Pauses the ClearingHouse as Curie's owner, sends a real close and a real withdrawal, and lifts the pause again.
 * The two calls fare the other way round than under a pause by selector.
 */
export async function curiePauseContrast(
  session: ChainSession,
  system: CurieSystem,
  cast: Cast,
  groups: SeededMarket,
): Promise<PauseContrast> {
  const owner = (functionName: "pause" | "unpause"): Call => ({
    from: cast.deployer,
    to: system.clearingHouse,
    data: encodeFunctionData({ abi: clearingHouseAbi, functionName }),
  });
  await execute(session, [owner("pause")], "Curie's own pause");
  const close = calls.closePosition(system, groups.holders[1]!);
  const withdraw = calls.withdraw(system, groups.flat[0]!, calls.usdc(100));
  const [closed, withdrawn] = await submitAndMine(session, [close, withdraw]);
  await execute(session, [owner("unpause")], "the end of Curie's own pause");
  return {
    closePositionBlocked: closed!.status !== "0x1",
    closePositionTx: closed!.transactionHash,
    withdrawOpen: withdrawn!.status === "0x1",
    withdrawTx: withdrawn!.transactionHash,
  };
}
