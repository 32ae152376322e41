// `@ethereumjs/vm` over a source of state, with a recorder of calls at its operations.
import type { Block } from "@ethereumjs/block";
import type { Common } from "@ethereumjs/common";
import type { EVM, EVMMockBlockchainInterface } from "@ethereumjs/evm";
import { Address as EngineAddress } from "@ethereumjs/util";
import { createVM, type VM } from "@ethereumjs/vm";
import type { EvmBlock, StateSource } from "@testudo/core/model/Evm";
import { fromHex, toHex } from "../record/bytes.ts";
import type { CallRecorder } from "./CallRecorder.ts";
import { openRules } from "./openRules.ts";
import { toEngineBlock } from "./toEngineBlock.ts";
import { toStateManager, type WorldManager } from "./toStateManager.ts";
import { openWorldState, type WorldState } from "./WorldState.ts";

// EIP-4844's precompile; its curve is not part of this engine.
const noPointProof = {
  address: new EngineAddress(fromHex(`0x${"a".padStart(40, "0")}`)),
  function: (): never => {
    throw new BlobProofNeeded();
  },
};

export interface OpenVm {
  readonly vm: VM;
  readonly evm: EVM;
  readonly world: WorldState;
  readonly common: Common;
  readonly recorder: CallRecorder;
  readonly stateManager: WorldManager;
  readonly header: Block;
}

/** Opens the engine on `source` in the block `block`. `makeRecorder` is given the rules, and the state to look into. */
export async function openVm(
  source: StateSource,
  block: EvmBlock,
  makeRecorder: (common: Common, world: WorldState) => CallRecorder,
): Promise<OpenVm> {
  const world = openWorldState(source);
  const common = openRules(block);
  const recorder = makeRecorder(common, world);
  const stateManager = toStateManager(world);
  const blockchain = pastBlocks(async (number) => fromHex(await source.blockHash(number)));
  const evmOpts = {
    customOpcodes: recorder.operations,
    customPrecompiles: [noPointProof],
    common,
    stateManager,
    blockchain,
  };
  const vm = await createVM({ common, stateManager, evmOpts });
  const evm = vm.evm as EVM;
  evm.events.on("beforeMessage", (message) => {
    recorder.begin(message);
    if (message.to !== undefined) stateManager.entering(toHex(message.codeAddress.bytes));
  });
  evm.events.on("afterMessage", (result) => recorder.end(result));
  return { vm, evm, world, common, recorder, stateManager, header: toEngineBlock(block, common) };
}

function pastBlocks(hashOf: (number: bigint) => Promise<Uint8Array>): EVMMockBlockchainInterface {
  const blockchain: EVMMockBlockchainInterface = {
    async getBlock(number) {
      const hash = await hashOf(BigInt(number));
      return { hash: () => hash };
    },
    putBlock: async () => {},
    shallowCopy: () => blockchain,
  };
  return blockchain;
}

/** A transaction proves a point of a blob. Not retryable. */
export class BlobProofNeeded extends Error {
  override readonly name = "BlobProofNeeded";
  constructor() {
    super("It proves a point of a blob.");
  }
}
