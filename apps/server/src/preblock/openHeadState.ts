// State at the head for one run after the other. What the last block's runs needed the next block's will need: it is read
// again, all at once, as soon as the new head is known, so that a run finds it here.
import { type NodeState, openNodeState } from "@testudo/chain/openNodeState";
import { readNextBlock } from "@testudo/chain/readNextBlock";
import type { Endpoint } from "@testudo/chain/rpcEndpoint";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Evm, EvmBlock, EvmLimits, OpenEvm } from "@testudo/core/model/Evm";
import { askAny } from "../jobs/askNodes.ts";

/** An engine on the state after `ref`, in the block that would follow. */
export interface HeadState {
  readonly ref: BlockRef;
  readonly block: EvmBlock;
  readonly evm: Evm;
  readonly state: NodeState;
}

export interface HeadStateOptions {
  readonly endpoints: readonly Endpoint[];
  readonly openEvm: OpenEvm;
  readonly chainId: number;
  readonly hardfork?: string;
}

/**
 * Whoever shows transactions pays nothing for them. What spends more on precompiled contracts is refused, and the state that is
 * here stays; the clock of the thread ends whatever else takes long, and the thread with all its state.
 */
export const triedLimits: EvmLimits = { mostHostGas: 2_000_000n, memoryBytes: 2 ** 29 };

// More than this is not read ahead: what was needed once long ago would be carried on for ever.
const warmMax = 2_000;

/** Opens states, each warmed by what the one before it had been asked for. */
export function openHeadStates({ endpoints, openEvm, chainId, hardfork }: HeadStateOptions) {
  let last: HeadState | undefined;
  return async (ref: BlockRef): Promise<HeadState | undefined> => {
    if (last?.ref.hash === ref.hash) return last;
    const secondsLater = last === undefined ? 1n : laterThan(last.ref, ref);
    const keys = last?.state.keys();
    const opened = await askAny(endpoints, async (endpoint) => {
      const options = { chainId, secondsLater, ...(hardfork === undefined ? {} : { hardfork }) };
      const block = await readNextBlock(endpoint, ref.hash, options);
      const state = openNodeState(endpoint, ref.hash);
      if (keys !== undefined)
        await state.warm({ accounts: keys.accounts.slice(-warmMax), slots: keys.slots.slice(-warmMax) });
      return { ref, block, state, evm: await openEvm(state, block, triedLimits) };
    });
    last = opened ?? last;
    return opened;
  };
}

// As far apart as the last two were, and a second at least.
function laterThan(before: BlockRef, ref: BlockRef): bigint {
  const blocks = ref.number - before.number;
  if (blocks <= 0n) return 1n;
  const seconds = (ref.timestamp - before.timestamp) / blocks;
  return seconds > 0n ? seconds : 1n;
}
