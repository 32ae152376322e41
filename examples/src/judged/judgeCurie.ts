import { fetchBundle } from "@testudo/chain/block/fetchBundle";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openStateReader } from "@testudo/chain/state/readState";
import type { Finding } from "@testudo/core/model/Finding";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { openSession } from "../curie/ChainSession.ts";
import type { CurieSystem } from "../curie/deployCurie.ts";
import { playStage } from "../curie/playStage.ts";
import type { ReviewedTx } from "../curie/reviewTxs.ts";
import { curieScenario } from "../curie/scenario.ts";
import { startAnvil } from "../curie/startAnvil.ts";
import { judgeBundle, openWatch } from "./judgeBundle.ts";

/** A play of the thin-liquidity pump among honest traffic, and what a watcher of the market said about it. */
export interface JudgedPlay {
  readonly sent: readonly ReviewedTx[];
  readonly findings: readonly Finding[];
}

/**
 * Plays the scenario of `seed` on a new chain without any defence and judges each block of it with no configuration but
 * the addresses that `protect` picks. The market stands before the watcher starts.
 */
export async function judgeCurie(
  seed: number,
  protect: (system: CurieSystem) => readonly Address[],
): Promise<JudgedPlay> {
  const anvil = await startAnvil();
  const endpoint = openEndpoint(anvil.rpcUrl, { timeoutMs: 60_000 });
  try {
    const session = await openSession(anvil.rpcUrl);
    const stage = await curieScenario.setup({ rpcUrl: anvil.rpcUrl, seed });
    const before = BigInt((await endpoint.request("eth_blockNumber")) as Hex);
    await playStage(session, stage);
    const sent = await stage.review();
    const last = BigInt((await endpoint.request("eth_blockNumber")) as Hex);
    const watch = openWatch(session.chainId, protect(stage.system));
    const findings: Finding[] = [];
    for (let number = before + 1n; number <= last; number++) {
      const bundle = await fetchBundle(endpoint, number, ["X", "L", "T"]);
      findings.push(...(await judgeBundle(watch, bundle, openStateReader([endpoint]))));
    }
    return { sent, findings };
  } finally {
    endpoint.close();
    await anvil.stop();
  }
}
