import { type Endpoint, openEndpoint, type RpcObserver } from "@testudo/chain/rpc/rpcEndpoint";
import type { RemoteNodes } from "@testudo/chain/state/remoteReads";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Program } from "@testudo/core/model/Program";
import type { ProgramSource } from "../jobs/step/programSource.ts";
import type { StoredState } from "../jobs/step/stepper.ts";
import type { Executor } from "../reexecute/Executor.ts";
import { loadState } from "../store/loadState.ts";
import type { Store } from "../store/Store.ts";
import { openNode } from "../watch/openNode.ts";
import type { Opened, OpenShadow } from "./Branch.ts";
import { type BranchLimits, branchLimits } from "./branchLimits.ts";
import { guardDesk } from "./guardDesk.ts";
import { type BranchDesk, openBranchDesk } from "./openBranchDesk.ts";
import { openShadow, type ShadowHooks } from "./openShadow.ts";

export interface BranchesOptions {
  readonly store: Store;
  readonly program: Program;
  /** Where the detectors come from that the main watch runs now. */
  readonly source: () => ProgramSource;
  /** The newest blocks that are stored, oldest first. */
  readonly refs: readonly BlockRef[];
  readonly limitMs: number;
  readonly pollMs: number | undefined;
  readonly remotes: RemoteNodes;
  /** Opens an executor for a branch; undefined where blocks are not executed again. */
  readonly openExecutor: () => Executor | undefined;
  readonly onRpc: RpcObserver;
  readonly tell: (trouble: StreamTrouble) => void;
  readonly limits?: Partial<BranchLimits> | undefined;
}

const tickMs = 1_000;
// What is read of a branch is parsed in the thread that the main watch runs in; no block of a chain comes near this.
const bounds = { maxInFlight: 4, maxBytes: 64 * 1024 * 1024 };

/** Opens a desk whose branches begin from what is stored, and looks at the clock for it. */
export function openBranches(options: BranchesOptions): BranchDesk {
  const { refs, tell, limits } = options;
  const remotes = ownRemotes(options.remotes);
  const open: OpenShadow = (hooks) => openFromStore(options, remotes.nodes, hooks);
  const desk = guardDesk(openBranchDesk({ refs, tell, limits, open }), tell);
  const timer = setInterval(desk.tick, tickMs);
  timer.unref();
  return {
    ...desk,
    async close() {
      clearInterval(timer);
      await desk.close();
      remotes.close();
    },
  };
}

async function openFromStore(
  { store, program, source, limitMs, pollMs, openExecutor, onRpc, limits }: BranchesOptions,
  remotes: RemoteNodes,
  hooks: ShadowHooks,
): Promise<Opened> {
  // In one transaction: cells of one block and a cursor of the next would be a state that never was.
  const stored = await store.db.transaction().execute((db) => loadState({ ...store, db }));
  const { cursor, undo } = stored;
  if (cursor === null) throw new Error("no block is stored yet");
  const state: StoredState = { cells: [...stored.cells], undo };
  const executor = openExecutor();
  try {
    const shadow = await openShadow({
      ...{ source: source(), program, state, cursor, limitMs, pollMs, remotes, executor, hooks },
      heapMb: limits?.heapMb ?? branchLimits.heapMb,
      openNode: (url) => openNode(url, onRpc, bounds),
    });
    return { shadow, refs: refsOf(state, cursor) };
  } catch (error) {
    await executor?.close();
    throw error;
  }
}

function refsOf({ undo }: StoredState, cursor: BlockRef): readonly BlockRef[] {
  const refs = undo.map(({ ref }) => ref);
  return refs.at(-1)?.hash === cursor.hash ? refs : [...refs, cursor];
}

/** The same nodes, over connections of their own. */
function ownRemotes(nodes: RemoteNodes): { readonly nodes: RemoteNodes; close(): void } {
  const own = new Map<number, readonly Endpoint[]>();
  for (const [chainId, endpoints] of nodes)
    own.set(
      chainId,
      endpoints.map(({ url }) => openEndpoint(url)),
    );
  return {
    nodes: own,
    close: () => [...own.values()].flat().forEach((endpoint) => void endpoint.close()),
  };
}
