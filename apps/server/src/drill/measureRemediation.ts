import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { Derivation } from "@testudo/core/model/Derivation";
import type { Hex } from "@testudo/core/model/Hex";
import type { Logbook } from "./Logbook.ts";
import { proposeUpgrade } from "./proposeUpgrade.ts";
import type { Attacked, Remediation } from "./Remediation.ts";
import type { Scene } from "./Scene.ts";

/** The times to the guard and to a verified upgrade proposal. To be called once the play is over: the work takes a while. */
export async function measureRemediation(
  scene: Scene,
  { pausedBlock, ruledBlock, derivation }: Pick<Logbook, "pausedBlock" | "ruledBlock" | "derivation">,
  attacked: Attacked,
): Promise<Remediation> {
  const { endpoint, stage } = scene;
  const isRule = ruledBlock !== null && (pausedBlock === null || ruledBlock <= pausedBlock);
  const block = isRule ? ruledBlock : pausedBlock;
  const from = attacked.firstBadBlock;
  const guard =
    block === null
      ? { guard: null, guardSeconds: null }
      : {
          guard: isRule ? ("rule" as const) : ("pause" as const),
          guardSeconds: Math.max(0, (await secondOf(endpoint, block)) - (await secondOf(endpoint, from))),
        };
  const proposed = stage.remedy && (await proposeUpgrade(scene, stage.remedy, attacked));
  const ruleMs = isRule && derivation !== null ? msOf(derivation) : null;
  return { ...guard, ruleMs, upgrade: proposed?.name ?? null, upgradeMs: proposed?.ms ?? null };
}

/** The parts of a stage are told beside it. */
function msOf({ stages }: Derivation): number {
  return stages.reduce((sum, { stage, ms }) => (stage.includes(":") ? sum : sum + ms), 0);
}

async function secondOf(endpoint: Endpoint, block: bigint): Promise<number> {
  const params = [`0x${block.toString(16)}`, false];
  return Number(((await endpoint.request("eth_getBlockByNumber", params)) as { timestamp: Hex }).timestamp);
}
