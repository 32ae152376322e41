import { fetchBundle } from "@testudo/chain/block/fetchBundle";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openStateReader } from "@testudo/chain/state/readState";
import type { BlockRef, Scope } from "@testudo/core/model/BlockBundle";
import type { DetectorUse } from "@testudo/core/model/Detector";
import type { Finding } from "@testudo/core/model/Finding";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import { openState, type PipelineState, step } from "@testudo/core/pipeline";
import { judgeBundle, type Watch } from "../judged/judgeBundle.ts";

/** A suite of detectors over a chain's own blocks, through the production `step`. */
export type SuiteWatch = {
  /** Judges every block since the last call, and gives what the detectors said; what they said of themselves is left out. */
  readonly judgeNew: () => Promise<Finding[]>;
  /** Blocks and transactions judged so far. */
  readonly seen: () => { readonly blocks: number; readonly transactions: number };
  /** Runs `play` and forgets what it taught; the chain is the caller's to take back. */
  readonly onBranch: <T>(play: () => Promise<T>) => Promise<T>;
  readonly close: () => void;
};

const keptBlocks = 64;

/** Watches `protect` from the newest block on. */
export async function openSuiteWatch(
  rpcUrl: string,
  protect: readonly Address[],
  detectors: readonly DetectorUse[],
  scopes: readonly Scope[] = ["X", "L", "T"],
): Promise<SuiteWatch> {
  const endpoint = openEndpoint(rpcUrl, { timeoutMs: 60_000 });
  const reader = openStateReader([endpoint]);
  const newest = async () => BigInt((await endpoint.request("eth_blockNumber")) as Hex);
  const chainId = Number(await endpoint.request("eth_chainId"));
  const watched = protect.map(toLower);
  const watch: Watch = { program: { chainId, watched, detectors, playbooks: [], policy: null }, state: openState() };
  let refs: BlockRef[] = [];
  let [next, blocks, transactions] = [(await newest()) + 1n, 0, 0];
  return {
    async judgeNew() {
      const found: Finding[] = [];
      for (const last = await newest(); next <= last; next++) {
        const bundle = await fetchBundle(endpoint, next, scopes);
        blocks += 1;
        transactions += bundle.txs.length;
        found.push(...(await judgeBundle(watch, bundle, reader)));
        refs.push(bundle.ref);
        // Nothing here goes back so far, and what is final need not be undone.
        const final = refs.length > keptBlocks ? refs.shift() : undefined;
        if (final !== undefined) step(watch.program, watch.state, { kind: "finalize", tag: "finalized", ref: final });
      }
      return found.filter((finding) => finding.class !== "health");
    },
    seen: () => ({ blocks, transactions }),
    async onBranch(play) {
      const [kept, from, head] = [copyOf(watch.state), next, [...refs]];
      try {
        return await play();
      } finally {
        watch.state = kept;
        next = from;
        refs = head;
      }
    },
    close: () => endpoint.close(),
  };
}

// A step moves the state, so that a branch needs its own.
function copyOf({ cells, undo }: PipelineState): PipelineState {
  return openState(structuredClone([...cells]), structuredClone(undo));
}

/** What a person would compare: detector, severity and class of each finding, without repeats, in order of appearance. */
export function toldBy(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map((f) => `${f.detector} ${f.severity} ${f.class}`))];
}
