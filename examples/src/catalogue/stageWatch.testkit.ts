// A watch over the blocks of an incident stage, judged by the production `step`.
import { fetchBundle } from "@testudo/chain/block/fetchBundle";
import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openStateReader } from "@testudo/chain/state/readState";
import type { DetectorUse } from "@testudo/core/model/Detector";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import { openState } from "@testudo/core/pipeline";
import { genesisSeconds } from "testudo/backtest/incidents/IncidentRow";
import { judgeBundle, type Watch } from "../judged/judgeBundle.ts";

export interface StageWatch {
  readonly url: string;
  /** From the newest block on. */
  start(watched: readonly Address[], detectors: readonly DetectorUse[]): Promise<void>;
  /** Judges what is new. */
  judge(): Promise<string[]>;
  close(): Promise<void>;
}

/** Opens a chain and its watch. */
export async function openStageWatch(): Promise<StageWatch> {
  const args = ["--auto-impersonate"];
  const anvil = await startAnvil({ noMining: true, timestamp: Number(genesisSeconds), args });
  const node = openEndpoint(anvil.url, { label: "stage", timeoutMs: 60_000 });
  const reader = openStateReader([node]);
  const newest = async () => BigInt((await node.request("eth_blockNumber")) as Hex);
  let watch: Watch | undefined;
  let next = 0n;
  return {
    url: anvil.url,
    async start(watched, detectors) {
      next = (await newest()) + 1n;
      const program = { chainId: 31_337, watched: watched.map(toLower), detectors, playbooks: [], policy: null };
      watch = { program, state: openState() };
    },
    async judge() {
      const told: string[] = [];
      for (const last = await newest(); next <= last; next++)
        for (const f of await judgeBundle(watch!, await fetchBundle(node, next, ["X", "L", "T"]), reader))
          if (f.class !== "health") told.push(`${f.severity} ${f.detector} ${f.evidence.kind ?? ""}`.trim());
      return told;
    },
    async close() {
      node.close();
      await anvil.stop();
    },
  };
}
