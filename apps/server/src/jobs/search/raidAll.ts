// A search for plans that take value out, on several cores.
import type { StateSource } from "@testudo/core/model/Evm";
import { UsageError } from "../../config/UsageError.ts";
import type { CarriedPlan, RaidEnd, RaidState, RaidTask } from "./raidWorker.ts";
import { runSearch, type SearchBounds } from "./runSearch.ts";
import type { SearchMemories } from "./SearchMemory.ts";

export type RaidOrder = Omit<RaidTask, "stop" | "calls" | "memory" | "isKept" | "desk"> &
  SearchBounds & { readonly memories?: SearchMemories; readonly source?: StateSource };

export interface RaidProgress extends RaidState {
  readonly seconds: number;
}

/** What all workers found, the same by different ones once. */
export interface Raided {
  readonly calls: number;
  readonly seconds: number;
  readonly finds: readonly CarriedPlan[];
  /** What ended it before its time; null where nothing did. */
  readonly lost: NodeLost | null;
}

/** Errors of a search that the state or the scenario is to blame for. */
const refusals = ["CapitalOutOfReach", "CodeMissing", "NothingToCall"];

/** Searches until the order's end, or until `signal` fires; what was found by then is told. */
export async function raidAll(
  { workers, calls, seconds, memories, source, ...task }: RaidOrder,
  signal: AbortSignal,
  show: (progress: RaidProgress) => void,
): Promise<Raided> {
  const searched = await runSearch<RaidState, RaidEnd>({
    script: new URL("./raidWorker.js", import.meta.url),
    task,
    bounds: { workers, ...(calls === undefined ? {} : { calls }), ...(seconds === undefined ? {} : { seconds }) },
    signal,
    memories,
    source,
    show: (elapsed, states) =>
      show({
        seconds: elapsed,
        calls: states.reduce((sum, state) => sum + state.calls, 0),
        kept: Math.max(...states.map(({ kept }) => kept)),
        finds: Math.max(...states.map(({ finds }) => finds)),
        best: Math.max(...states.map(({ best }) => best)),
      }),
    refuse: ({ name, message }) =>
      refusals.includes(name)
        ? new RaidRefused(message)
        : name === "StateUnreachable"
          ? new NodeLost(message)
          : undefined,
  });
  const { ends, seconds: took } = searched;
  const lost = lossOf(ends);
  const finds = merged(ends);
  // Without a find there is nothing to tell but this.
  if (lost !== null && finds.length === 0) throw lost;
  return { calls: ends.reduce((sum, end) => sum + end.calls, 0), seconds: took, finds, lost };
}

function lossOf(ends: readonly RaidEnd[]): NodeLost | null {
  const first = ends.find((end) => end.lost !== null);
  return first === undefined
    ? null
    : new NodeLost(
        first.lost!,
        ends.reduce((sum, end) => sum + end.unwritten, 0),
      );
}

/** The best of each kind, the greatest gain first. */
function merged(ends: readonly RaidEnd[]): CarriedPlan[] {
  const finds = new Map<string, CarriedPlan>();
  for (const find of ends.flatMap((end) => end.finds)) {
    const known = finds.get(find.id);
    if (known === undefined || BigInt(find.gainWad) > BigInt(known.gainWad)) finds.set(find.id, find);
  }
  return [...finds.values()].sort((a, b) => b.gain - a.gain || (a.id < b.id ? -1 : 1));
}

/** The node gave no more of the state that the search needs. Retryable. */
export class NodeLost extends Error {
  override readonly name = "NodeLost";
  constructor(message: string, unwritten = 0) {
    const [what = message, ...rest] = message.split("\n");
    const finds = unwritten === 1 ? "1 find" : `${unwritten} finds`;
    super(
      [
        `The search ended without state that it needs: ${what}`,
        ...rest,
        ...(unwritten === 0 ? [] : [`- ${finds} could not be written down for want of it.`]),
        "- With --state it goes on with the same block, on a node that keeps old states; without, name a newer `block`.",
      ].join("\n"),
    );
  }
}

/** The search cannot begin on this state. Not retryable as it is. */
export class RaidRefused extends UsageError {
  override readonly name = "RaidRefused";
  constructor(message: string) {
    super(message, "What is searched is the state of the capsule, with what the scenario declares.", "See above.");
  }
}
