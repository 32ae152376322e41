// Runs one transaction with everything told that geth's tracers tell: the tree with its gas, what was looked at, and the
// state before and after it.
import { bigIntToBytes, generateAddress } from "@ethereumjs/util";
import { runTx } from "@ethereumjs/vm";
import type { EvmBlock, EvmTransaction, StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { createCallRecorder } from "../engine/CallRecorder.ts";
import { openVm } from "../engine/openVm.ts";
import { toEngineAuthorization } from "../engine/toEngineTransaction.ts";
import { toEngineTx } from "../engine/toEngineTx.ts";
import { emptyCode, type WorldState } from "../engine/WorldState.ts";
import { fromHex, toHex } from "../record/bytes.ts";
import type { TracedFrame } from "../record/TracedFrame.ts";
import { createTouchRecorder, type TouchedState, type TouchRecorder } from "./TouchedState.ts";

/** An account as it stood at one point. */
export interface AccountView {
  readonly balance: bigint;
  readonly nonce: bigint;
  readonly code: Hex;
}

/** The state at one point; what nobody has is empty, and zero. */
export interface StateView {
  account(address: Address): Promise<AccountView>;
  slot(address: Address, key: Hex): Promise<Hex>;
}

export interface TracedTransaction {
  readonly root: TracedFrame;
  readonly touched: TouchedState;
  readonly before: StateView;
  readonly after: StateView;
}

/**
 * Runs `tx` on `source` in the block `block`. Rejects with what the engine says of a transaction that the rules of the block
 * do not let in, and with `StateMissing` where it needs what the source does not have.
 */
export async function traceTransaction(
  source: StateSource,
  block: EvmBlock,
  tx: EvmTransaction,
): Promise<TracedTransaction> {
  let touch: TouchRecorder | undefined;
  const { vm, world, common, recorder, header } = await openVm(source, block, (rules, state) => {
    touch = createTouchRecorder({
      keepsDestroyed: rules.isActivatedEIP(6780),
      hasDelegations: rules.isActivatedEIP(7702),
      codeOf: async (address) => (await state.account(address))?.code ?? emptyCode,
    });
    return createCallRecorder(rules, touch);
  });
  const nonce = tx.nonce ?? (await world.account(tx.from))?.nonce ?? 0n;
  await touchParties(touch!, tx, nonce, block.coinbase);
  const engineTx = toEngineTx(tx, nonce, block.baseFeePerGas, common);
  recorder.start();
  const { totalGasSpent } = await runTx(vm, { tx: engineTx, block: header, skipBlockGasLimitValidation: true });
  const root = recorder.finish()!;
  return {
    root: { ...root, gas: tx.gas, gasUsed: totalGasSpent },
    touched: touch!,
    before: viewOfSource(source),
    after: viewOfWorld(world),
  };
}

async function touchParties(touch: TouchRecorder, tx: EvmTransaction, nonce: bigint, coinbase: Address): Promise<void> {
  touch.touch(tx.from);
  if (tx.to === null) touch.create(toHex(generateAddress(fromHex(tx.from), bigIntToBytes(nonce))));
  else await touch.touchCalled(tx.to);
  touch.touch(coinbase);
  for (const signed of tx.authorizationList ?? []) {
    const { authority } = toEngineAuthorization(signed);
    if (authority !== undefined) touch.touch(authority);
  }
}

/** A source of state as a view; what it does not have is empty. */
export function viewOfSource(source: StateSource): StateView {
  return {
    async account(address) {
      const { balance = 0n, nonce = 0n, code = "0x" } = (await source.account(address)) ?? {};
      return { balance, nonce, code: code ?? "0x" };
    },
    slot: (address, key) => source.slot(address, key),
  };
}

function viewOfWorld(world: WorldState): StateView {
  return {
    async account(address) {
      const { balance = 0n, nonce = 0n, code = emptyCode } = (await world.account(address)) ?? {};
      return { balance, nonce, code: toHex(code) };
    },
    slot: async (address, key) => toHex(await world.slot(address, key)),
  };
}
