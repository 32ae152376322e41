import type { Input } from "@testudo/core/model/Input";
import type { Commit } from "@testudo/core/model/Output";
import type { Store } from "../../store/Store.ts";

/** Gives what people say to the pipeline where no server runs that would. `chainId` is that of the findings it is about. */
export async function stepInStore(store: Store, chainId: number, inputs: readonly Input[]): Promise<void> {
  const { openState, step } = await import("@testudo/core/pipeline");
  const { applyCommits } = await import("../../store/applyCommits.ts");
  const { loadState } = await import("../../store/loadState.ts");
  const { withShelved } = await import("../../store/withShelved.ts");
  // Nothing is judged or proposed here, so that a program without detectors and policy is enough.
  const program = { chainId, watched: [], detectors: [], playbooks: [], policy: null };
  const { cells, undo } = await loadState(store);
  let state = openState(cells, undo);
  const commits: Commit[] = [];
  for (const input of inputs) {
    const stepped = step(program, state, await withShelved(store, input));
    state = stepped.state;
    commits.push(...stepped.outputs.filter((output) => output.kind === "commit"));
  }
  await applyCommits(store, commits, [], await channelsOf(store));
}

/** The channels that the last server had: people learn there that somebody has taken it. */
async function channelsOf(store: Store): Promise<readonly string[]> {
  const rows = await store.db.selectFrom("outbox").select("channel").distinct().execute();
  return rows.map(({ channel }) => channel);
}
