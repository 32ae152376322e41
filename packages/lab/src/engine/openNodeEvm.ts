// A development node behind the seam. The world is ours: the node forks from it, mines one transaction, tells what it
// touched, and is taken back; what came of it is written into the world. So marks are the world's, every transaction runs in
// the very block that was asked for, and a node that dies takes nothing along.

import { walk } from "@testudo/core/model/CallTree";
import {
  EngineBusy,
  type Evm,
  type EvmBlock,
  type EvmMark,
  type EvmOutcome,
  type EvmRefusal,
  type EvmTransaction,
  StateMissing,
  type StateSource,
} from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { StateAnswer } from "@testudo/core/model/StateRead";
import { answerStateRpc } from "./answerStateRpc.ts";
import { type DevNode, DevNodeRefused, type StartNode } from "./DevNode.ts";
import { keepMined } from "./keepMined.ts";
import { type Mined, mineOne } from "./mineOne.ts";
import { openRules } from "./openRules.ts";
import { parentHeaderOf } from "./parentHeaderOf.ts";
import { failedCall, readWorld } from "./readWorld.ts";
import { type ServedRpc, serveRpc } from "./serveRpc.ts";
import { assertCodeKnown, openShownState } from "./shownState.ts";
import { emptyCode, emptyCodeHash, openWorldState, type WorldAccount } from "./WorldState.ts";
import { whyRefused } from "./whyRefused.ts";

/** An engine that holds a process, or a thread and a port, until it is closed. */
export interface NodeEvm extends Evm {
  close(): Promise<void>;
}

// Views of tokens and pools take a fraction of it.
const readGas = 5_000_000n;
const nobody: Address = `0x${"0".repeat(40)}`;
const noAccount: WorldAccount = { balance: 0n, nonce: 0n, code: emptyCode, codeHash: emptyCodeHash };

/** Opens the engine that `start` starts, on `source`, in the block `block`. The caller closes it. */
export async function openNodeEvm(start: StartNode, source: StateSource, block: EvmBlock): Promise<NodeEvm> {
  const world = openWorldState(source);
  const shown = openShownState(world, (number) => source.blockHash(number));
  let open: { readonly node: DevNode; readonly served: ServedRpc; readonly at: string } | undefined;
  let isBusy = false;

  async function close(): Promise<void> {
    const last = open;
    open = undefined;
    shown.forget();
    await last?.node.close();
    await last?.served.close();
  }

  /** A node whose next block is `at`, and which takes a transaction of `gas`. */
  async function nodeFor(at: EvmBlock, gas: bigint): Promise<DevNode> {
    const isUnbounded = gas > at.gasLimit;
    const name = `${at.number} ${at.timestamp} ${at.gasLimit} ${at.excessBlobGas} ${isUnbounded}`;
    if (open?.at === name) return open.node;
    await close();
    const header = await parentHeaderOf(at, source);
    const hashOf = (number: bigint) => shown.source.blockHash(number);
    const served = await serveRpc(answerStateRpc({ chainId: at.chainId, header, source: shown.source, hashOf }));
    try {
      const node = await start({ url: served.url, block: at, hardfork: openRules(at).hardfork(), isUnbounded });
      open = { node, served, at: name };
      return node;
    } catch (error) {
      await served.close();
      throw error;
    }
  }

  async function readyNode(at: EvmBlock, gas: bigint): Promise<DevNode> {
    const node = await nodeFor(at, gas);
    if (await shown.giveTo(node)) return node;
    await close();
    return nodeFor(at, gas);
  }

  /** Runs `tx` on the node, and keeps what came of it in the world. */
  async function execute(tx: EvmTransaction, nonce: bigint, at: EvmBlock): Promise<Mined> {
    for (;;) {
      const node = await readyNode(at, tx.gas);
      const mark = await node.request("evm_snapshot", []);
      const mined = await mine(node, tx, nonce, at);
      try {
        if (await shown.settle(mined.touched)) continue;
        for (const { frame } of walk(mined.trace)) if (runsCode(frame.type)) await assertCodeKnown(world, frame.to);
        await shown.noteTouched(mined.touched);
        await keepMined(world, node, mined);
        return mined;
      } finally {
        await node.request("evm_revert", [mark]);
      }
    }
  }

  async function mine(node: DevNode, tx: EvmTransaction, nonce: bigint, at: EvmBlock): Promise<Mined> {
    try {
      const mined = await mineOne(node, tx, nonce, at);
      const fault = shown.hashFault();
      if (fault !== undefined) throw fault;
      return mined;
    } catch (error) {
      const fault = shown.hashFault();
      // What was not mined would wait for the next block, and a hash that could not be had would be remembered as one.
      await close();
      throw fault ?? error;
    }
  }

  async function run(tx: EvmTransaction): Promise<EvmOutcome> {
    const start = world.mark();
    try {
      const sender = (await world.account(tx.from)) ?? noAccount;
      const nonce = tx.nonce ?? sender.nonce;
      const outcome = await attempt(tx, sender, nonce);
      if (outcome.kind === "ran") return outcome;
      world.revert(start);
      await world.setAccount(tx.from, { ...sender, nonce: nonce + 1n });
      return outcome;
    } catch (error) {
      world.revert(start);
      return refusalOf(error);
    }
  }

  async function attempt(tx: EvmTransaction, sender: WorldAccount, nonce: bigint): Promise<EvmOutcome> {
    const at = { ...block, ...tx.block };
    const why = whyRefused(tx, sender, at);
    if (why !== undefined) return why;
    try {
      await world.setAccount(tx.from, { ...sender, nonce });
      const { succeeded, gasUsed, trace } = await execute(tx, nonce, at);
      return { kind: "ran", succeeded, gasUsed, output: trace.output, trace };
    } catch (error) {
      return refusalOf(error);
    }
  }

  /** A call from nobody, who is given what its gas costs for as long as it takes. */
  async function answerCall({ to, data: input }: { readonly to: Address; readonly data: Hex }): Promise<StateAnswer> {
    const caller = (await world.account(nobody)) ?? noAccount;
    const gas = readGas + 21_000n + 40n * BigInt(input.length / 2);
    await world.setAccount(nobody, { ...caller, balance: caller.balance + gas * block.baseFeePerGas });
    const { succeeded, trace } = await execute({ from: nobody, to, value: 0n, input, gas }, caller.nonce, block);
    if (succeeded) return { ok: true, value: trace.output };
    return failedCall(trace.error ?? "execution reverted", trace.output);
  }

  async function alone<T>(work: () => Promise<T>): Promise<T> {
    if (isBusy) throw new EngineBusy();
    isBusy = true;
    try {
      return await work();
    } finally {
      isBusy = false;
    }
  }

  return {
    run: (tx) => alone(() => run(tx)),
    read: (read, mark) => alone(() => readWorld(world, { read, mark, call: answerCall })),
    snapshot: () => world.mark(),
    revert(mark: EvmMark) {
      if (isBusy) throw new EngineBusy();
      world.revert(mark);
    },
    close: () => alone(close),
  };
}

function runsCode(type: string): boolean {
  return !type.startsWith("CREATE") && type !== "SELFDESTRUCT";
}

function refusalOf(error: unknown): EvmOutcome {
  if (error instanceof StateMissing) return refused(error.reason, error.message);
  if (error instanceof DevNodeRefused) return refused("invalid", error.message);
  throw error;
}

function refused(reason: EvmRefusal, detail: string): EvmOutcome {
  return { kind: "refused", reason, detail };
}
