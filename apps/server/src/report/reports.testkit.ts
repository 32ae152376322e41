import type { Input } from "@testudo/core/model/Input";
import type { Program } from "@testudo/core/model/Program";
import { hashOf } from "@testudo/core/model/Record";
import type { ReportDraft } from "@testudo/core/model/Report";
import { openState, step } from "@testudo/core/pipeline";
import { applyCommits } from "../store/applyCommits.ts";
import { blockRef, subject } from "../store/chain.testkit.ts";
import { loadState } from "../store/loadState.ts";
import type { Store } from "../store/Store.ts";

const ether = 10n ** 18n;

/** A report that EDR confirmed, about the test chain's subject. */
export const reportDraft: ReportDraft = {
  source: "adversary",
  chainId: 31_337,
  subject,
  title: "a round trip moves the share price",
  objective: "gain",
  gainWad: 12n * ether,
  costWad: ether / 2n,
  unit: "ETH",
  capsule: hashOf("capsule"),
  engine: { name: "EDR", ok: true },
  forkBlock: { number: 90n, hash: hashOf("block 90") },
};

const program: Program = { chainId: 31_337, watched: [subject], detectors: [], playbooks: [], policy: null };

/** The pipeline over `store`: what a watch is without its chain. */
export async function pipelineOn(store: Store) {
  const { cells, undo } = await loadState(store);
  let state = openState(cells, undo);
  const deliver = async (input: Input): Promise<boolean> => {
    const stepped = step(program, state, input);
    state = stepped.state;
    const commits = stepped.outputs.filter((output) => output.kind === "commit");
    await applyCommits(store, commits, [], ["terminal"]);
    return true;
  };
  const block = (number: number) =>
    deliver({
      kind: "block",
      bundle: { ref: blockRef(number), txs: [], logs: [], has: ["L", "X"], sources: ["test"] },
      phase: "live",
      receivedAtMs: 0,
    });
  return { deliver, block };
}
