import type { CallFrame } from "@testudo/core/model/BlockBundle";
import type { Authorization, EvmBlock, EvmTransaction } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { z } from "zod";
import { callFrameSchema } from "../record/callFrameSchema.ts";
import { addressSchema, hexSchema, quantitySchema, wordSchema } from "../record/recordedSchema.ts";
import { type DevNode, DevNodeRefused } from "./DevNode.ts";
import type { Touched } from "./shownState.ts";
import { toGethFrame } from "./toGethFrame.ts";

/** What came of a transaction in a block of its own. */
export interface Mined {
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
  readonly trace: CallFrame;
  readonly touched: Touched;
}

const receiptSchema = z.object({ status: quantitySchema, gasUsed: quantitySchema });
const stateSchema = z.record(addressSchema, z.object({ storage: z.record(wordSchema, hexSchema).optional() }));
const differenceSchema = z.object({ pre: stateSchema, post: stateSchema });

/** Mines `tx` in the block `at` and leaves it there. Throws `DevNodeRefused` for what the rules do not let in. */
export async function mineOne(node: DevNode, tx: EvmTransaction, nonce: bigint, at: EvmBlock): Promise<Mined> {
  await node.request("evm_setNextBlockTimestamp", [Number(at.timestamp)]);
  await node.request("hardhat_setNextBlockBaseFeePerGas", [quantity(at.baseFeePerGas)]);
  await node.request("hardhat_setCoinbase", [at.coinbase]);
  if (node.randaoMethod !== undefined) await node.request(node.randaoMethod, [at.prevRandao]);
  await node.request("hardhat_impersonateAccount", [tx.from]);
  const hash = wordSchema.parse(await node.request("eth_sendTransaction", [toRpc(tx, nonce, at)]));
  await node.request("evm_mine", []);
  const mined = await node.request("eth_getTransactionReceipt", [hash]);
  if (mined === null) throw new DevNodeRefused("evm_mine", "the block was made without the transaction");
  const receipt = receiptSchema.parse(mined);
  const trace = async (options: object) => node.request("debug_traceTransaction", [hash, options]);
  const tree = callFrameSchema.parse(await trace({ tracer: "callTracer", tracerConfig: { withLog: true } }));
  const before = stateSchema.parse(await trace({ tracer: "prestateTracer" }));
  const difference = differenceSchema.parse(
    await trace({ tracer: "prestateTracer", tracerConfig: { diffMode: true } }),
  );
  return {
    succeeded: receipt.status === 1n,
    gasUsed: receipt.gasUsed,
    trace: toGethFrame(tree),
    touched: touchedIn([before, difference.pre, difference.post], at.coinbase),
  };
}

function touchedIn(states: readonly z.output<typeof stateSchema>[], coinbase: Address): Touched {
  const slots = new Map<Address, Set<Hex>>();
  for (const state of states)
    for (const [address, { storage = {} }] of Object.entries(state) as [Address, { storage?: object }][])
      slots.set(address, new Set([...(slots.get(address) ?? []), ...(Object.keys(storage) as Hex[])]));
  return { accounts: new Set([...slots.keys(), coinbase]), slots };
}

function toRpc(tx: EvmTransaction, nonce: bigint, at: EvmBlock): object {
  const { from, to, value, input, gas, accessList, authorizationList } = tx;
  return {
    from,
    ...(to === null ? {} : { to }),
    value: quantity(value),
    data: input,
    gas: quantity(gas),
    nonce: quantity(nonce),
    ...priceOf(tx, at),
    ...(accessList === undefined ? {} : { accessList }),
    ...(authorizationList === undefined ? {} : { authorizationList: authorizationList.map(toRpcAuthorization) }),
  };
}

function priceOf(tx: EvmTransaction, at: EvmBlock): object {
  const gasPrice = tx.gasPrice ?? at.baseFeePerGas;
  // One with delegations has two fees in any case.
  if (tx.maxFeePerGas === undefined && tx.authorizationList === undefined) return { gasPrice: quantity(gasPrice) };
  return {
    maxFeePerGas: quantity(tx.maxFeePerGas ?? gasPrice),
    maxPriorityFeePerGas: quantity(tx.maxPriorityFeePerGas ?? tx.gasPrice ?? 0n),
  };
}

function toRpcAuthorization({ address, ...numbers }: Authorization): object {
  const { chainId, nonce, yParity, r, s } = numbers;
  const number = (hex: Hex) => quantity(hex === "0x" ? 0n : BigInt(hex));
  return {
    address,
    chainId: number(chainId),
    nonce: number(nonce),
    yParity: number(yParity),
    r: number(r),
    s: number(s),
  };
}

function quantity(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}
