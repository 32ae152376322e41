// The engine in plain JavaScript: exact, without a process or a socket. State is asked for while a transaction runs, so
// that it may as well stand behind a node.
import type { EVM } from "@ethereumjs/evm";
import { Address as EngineAddress, EthereumJSError } from "@ethereumjs/util";
import { runTx } from "@ethereumjs/vm";
import {
  EngineBusy,
  type Evm,
  type EvmBlock,
  type EvmOutcome,
  type EvmRefusal,
  type EvmTransaction,
  StateMissing,
  type StateSource,
} from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { StateAnswer } from "@testudo/core/model/StateRead";
import { fromHex, toHex } from "../record/bytes.ts";
import { type CallRecorder, createCallRecorder } from "./CallRecorder.ts";
import { describeFailure } from "./describeFailure.ts";
import { mostGasTried } from "./mostGasTried.ts";
import { mostItCosts } from "./mostItCosts.ts";
import { BlobProofNeeded, openVm } from "./openVm.ts";
import { failedCall, readWorld } from "./readWorld.ts";
import { toCallFrame } from "./toCallFrame.ts";
import { toEngineBlock } from "./toEngineBlock.ts";
import { toEngineTx } from "./toEngineTx.ts";
import { emptyCode, emptyCodeHash } from "./WorldState.ts";

// Views of tokens and pools take a fraction of it; a hostile one burns it in about a second.
const readGas = 5_000_000n;
const nobody = new EngineAddress(new Uint8Array(20));

/** Told where messages begin and end, and of the operations of those that it wants to see. */
export interface StepWatcher {
  /** `position` among the calls of the message around it. */
  begin(position: number): void;
  end(): void;
  /** Whether it wants the operations of the message that runs now. */
  wantsSteps(): boolean;
  step(pc: number, opcode: string): void;
}

/** Opens `@ethereumjs/vm` on `source`, in the block `block`. What a watcher sees runs several times slower. */
export async function openEthereumjs(source: StateSource, block: EvmBlock, watcher?: StepWatcher): Promise<Evm> {
  let watch = () => {};
  const { vm, evm, world, common, recorder, stateManager, header } = await openVm(source, block, (rules) =>
    watcher === undefined ? createCallRecorder(rules) : watchedBy(watcher, createCallRecorder(rules), () => watch()),
  );
  watch = openWatch(evm, watcher);
  let isBusy = false;

  /** Runs `work` alone, and leaves nothing of it in the engine's memory of the transaction. */
  async function alone<T>(work: () => Promise<T>): Promise<T> {
    if (isBusy) throw new EngineBusy();
    isBusy = true;
    try {
      return await work();
    } finally {
      isBusy = false;
      recorder.finish();
      stateManager.forget();
      evm.journal.cleanJournal();
      evm.transientStorage.clear();
    }
  }

  async function execute(tx: EvmTransaction, nonce: bigint): Promise<EvmOutcome> {
    const before = world.mark();
    try {
      const at = { ...block, ...tx.block };
      const engineTx = toEngineTx(tx, nonce, at.baseFeePerGas, common);
      recorder.start();
      const result = await runTx(vm, {
        tx: engineTx,
        block: tx.block === undefined ? header : toEngineBlock(at, common),
        skipNonce: true,
        skipBlockGasLimitValidation: true,
      });
      const { exceptionError, returnValue } = result.execResult;
      const trace = toCallFrame(recorder.finish()!);
      return {
        kind: "ran",
        succeeded: exceptionError === undefined,
        gasUsed: result.totalGasSpent,
        output: toHex(returnValue),
        trace,
      };
    } catch (error) {
      world.revert(before);
      return refusalOf(error);
    }
  }

  async function run(tx: EvmTransaction): Promise<EvmOutcome> {
    try {
      const sender = (await world.account(tx.from)) ?? {
        balance: 0n,
        nonce: 0n,
        code: emptyCode,
        codeHash: emptyCodeHash,
      };
      const nonce = tx.nonce ?? sender.nonce;
      const before = world.mark();
      await world.setAccount(tx.from, { ...sender, nonce });
      const baseFee = tx.block?.baseFeePerGas ?? block.baseFeePerGas;
      const outcome = refusalBeforeRun(tx, sender.balance, baseFee) ?? (await execute(tx, nonce));
      if (outcome.kind === "ran") return outcome;
      world.revert(before);
      await world.setAccount(tx.from, { ...sender, nonce: nonce + 1n });
      return outcome;
    } catch (error) {
      return refusalOf(error);
    }
  }

  async function answerCall({ to, data }: { readonly to: Address; readonly data: Hex }): Promise<StateAnswer> {
    const { execResult } = await evm.runCall({
      block: header,
      caller: nobody,
      to: new EngineAddress(fromHex(to)),
      data: fromHex(data),
      gasLimit: readGas,
    });
    const output = toHex(execResult.returnValue);
    if (execResult.exceptionError === undefined) return { ok: true, value: output };
    return failedCall(describeFailure(execResult.exceptionError.error), output);
  }

  return {
    run: (tx) => alone(() => run(tx)),
    read: (read, mark) => alone(() => readWorld(world, { read, mark, call: answerCall })),
    snapshot: () => world.mark(),
    revert: (mark) => world.revert(mark),
  };
}

/** `recorder`, with a watcher that is told of the same messages; `turn` sets what it is told of their operations. */
function watchedBy(watcher: StepWatcher, recorder: CallRecorder, turn: () => void): CallRecorder {
  return {
    ...recorder,
    begin(message) {
      const position = recorder.begin(message);
      watcher.begin(position);
      turn();
      return position;
    },
    end(result) {
      watcher.end();
      turn();
      recorder.end(result);
    },
  };
}

/** What turns the engine's telling of operations on and off, as the watcher wants it: it costs where nobody listens to it. */
function openWatch(evm: EVM, watcher: StepWatcher | undefined): () => void {
  if (watcher === undefined) return () => {};
  const onStep = ({ pc, opcode }: { pc: number; opcode: { name: string } }) => {
    watcher.step(pc, opcode.name);
    if (!watcher.wantsSteps()) evm.events.off("step", onStep);
  };
  return () => {
    evm.events.off("step", onStep);
    if (watcher.wantsSteps()) evm.events.on("step", onStep);
  };
}

function refusalBeforeRun(tx: EvmTransaction, balance: bigint, baseFeePerGas: bigint): EvmOutcome | undefined {
  const cost = mostItCosts(tx, baseFeePerGas);
  if (balance < cost) return refused("unfunded", `${tx.from} has ${balance} wei and may have to pay ${cost}.`);
  if (tx.isImpersonated === true)
    return refused("invalid", "This engine lets no contract send, in whoever's name it does.");
  if (tx.gas <= mostGasTried) return undefined;
  return refused(
    "invalid",
    `It is not valid: its gas of ${tx.gas} is more than ${mostGasTried}, the most that is tried.`,
  );
}

function refusalOf(error: unknown): EvmOutcome {
  if (error instanceof StateMissing) return refused(error.reason, error.message);
  if (error instanceof BlobProofNeeded) return refused("blobs", error.message);
  // The engine's own refusals come as plain errors of its maker; all others are faults, such as a node that is gone.
  if (error instanceof EthereumJSError) return refused("invalid", error.message);
  throw error;
}

function refused(reason: EvmRefusal, detail: string): EvmOutcome {
  return { kind: "refused", reason, detail };
}
