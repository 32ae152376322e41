// State at the head for one run after the other. What the last block's runs needed the next block's will need: it is read
// again, all at once, as soon as the new head is known, so that a run finds it here.

import { readNextBlock } from "@testudo/chain/block/readNextBlock";
import { BlockUnknown } from "@testudo/chain/rpc/BlockUnknown";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { type NodeState, openNodeState } from "@testudo/chain/state/openNodeState";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Evm, EvmBlock, EvmLimits, OpenEvm } from "@testudo/core/model/Evm";
import { askAny } from "../jobs/askNodes.ts";

/** An engine on the state after `ref`, in the block that would follow. */
export interface HeadState {
  readonly ref: BlockRef;
  readonly block: EvmBlock;
  readonly evm: Evm;
  readonly state: NodeState;
  /** Its node did not give what was asked of it: who asks for this state next gets another node's, where there is one. */
  leave(): void;
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
  /** The node that failed last. */
  let left: Endpoint | undefined;
  let isLeft = false;
  return async (ref: BlockRef): Promise<HeadState | undefined> => {
    if (last?.ref.hash === ref.hash && !isLeft) return last;
    const secondsLater = last === undefined ? 1n : laterThan(last, ref);
    const keys = last?.state.keys();
    const warm = async (state: NodeState) => {
      if (keys !== undefined)
        await state.warm({ accounts: keys.accounts.slice(-warmMax), slots: keys.slots.slice(-warmMax) });
    };
    const inOrder = [...endpoints.filter((one) => one !== left), ...endpoints.filter((one) => one === left)];
    const opened = await askAny(inOrder, async (endpoint): Promise<HeadState | undefined> => {
      const options = { chainId, secondsLater, ...(hardfork === undefined ? {} : { hardfork }) };
      const block = await readNextBlock(endpoint, ref.hash, options).catch(isUnknown);
      if (block === undefined) return undefined;
      const state = openNodeState(endpoint, ref.hash);
      // What warms is left out where it is refused. A node may have blocks and no state; each run needs this account.
      await Promise.all([state.account(block.coinbase), warm(state)]);
      const leave = () => {
        left = endpoint;
        isLeft ||= last?.state === state;
      };
      return { ref, block, state, evm: await openEvm(state, block, triedLimits), leave };
    });
    if (opened !== undefined) isLeft = false;
    last = opened ?? last;
    return opened;
  };
}

/** A node that is behind, or says so: another one may have the block. */
function isUnknown(error: unknown): undefined {
  if (!(error instanceof BlockUnknown)) throw error;
}

// As far apart as the last two were, and a second at least; the same block's next is when it was before.
function laterThan({ ref: before, block }: HeadState, ref: BlockRef): bigint {
  if (before.hash === ref.hash) return block.timestamp - ref.timestamp;
  const blocks = ref.number - before.number;
  if (blocks <= 0n) return 1n;
  const seconds = (ref.timestamp - before.timestamp) / blocks;
  return seconds > 0n ? seconds : 1n;
}
