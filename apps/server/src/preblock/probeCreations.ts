// New contracts near the protected set are called on a fork before anyone calls them on the chain.
import type { BlockBundle, BlockRef } from "@testudo/core/model/BlockBundle";
import { walk } from "@testudo/core/model/CallTree";
import type { Evm, OpenEvm } from "@testudo/core/model/Evm";
import { flashCallbacks, flashFunctions } from "@testudo/core/model/FlashLoan";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import { pushedWords } from "@testudo/core/model/PushedWords";
import { hashOf } from "@testudo/core/model/Record";
import { type ProbeResult, probeContract } from "@testudo/lab/probeContract";
import type { HeadState } from "./openHeadState.ts";

/** A contract that came into being in a block. */
export interface Creation {
  readonly contract: Address;
  readonly deployer: Address;
  readonly tx: Hex;
}

/**
 * The creations of `bundle` worth a probe: an address of `watched` in the code or among the constructor's data, or
 * anything of a flash loan in the code of a contract whose deployer has sent fewer than five transactions.
 */
export function creationsNear(bundle: BlockBundle, watched: readonly Address[]): Creation[] {
  return bundle.txs.flatMap((tx, i) => {
    const trace = bundle.traces?.[i];
    if (trace === undefined) return [];
    return walk(trace)
      .filter(({ frame, reverted }) => !reverted && (frame.type === "CREATE" || frame.type === "CREATE2"))
      .filter(({ frame: { input, output } }) => {
        if (watched.some((p) => input.includes(p.slice(2)))) return true;
        const { addresses, selectors } = pushedWords(output);
        const isFlash = [...selectors].some((name) => flashFunctions.has(name) || flashCallbacks.has(name));
        return watched.some((p) => addresses.has(p)) || (isFlash && tx.nonce < freshNonce);
      })
      .map(({ frame }) => ({ contract: frame.to, deployer: tx.from, tx: tx.hash }));
  });
}

const freshNonce = 5;

/** Probes `creation` after `head`; gives what the pipeline is to be told, where it does harm. */
export async function probeCreation(
  { state, block }: HeadState,
  openEvm: OpenEvm,
  { contract, deployer, tx }: Creation,
  protect: readonly Address[],
): Promise<{ readonly result: ProbeResult; readonly input: Extract<Input, { kind: "probe" }> | undefined }> {
  const evm = await openEvm(state, { ...block, baseFeePerGas: 0n });
  const { chainId, number, timestamp } = block;
  const amounts = await halvesOf(evm, protect);
  const now = () => performance.now();
  const request = { evm, chainId, contract, deployer, protect, amounts, now, block: { number, timestamp } };
  const result = await probeContract(request);
  const { harm, calls } = result;
  if (harm === undefined) return { result, input: undefined };
  const { findings, ...call } = harm;
  const [worst] = findings;
  return {
    result,
    input: {
      kind: "probe",
      contract,
      deployer,
      creation: tx,
      subject: worst!.subject,
      reason: `A call of ${contract}, tried on a fork as its deployer ${deployer} might, does harm: ${worst!.reason}`,
      callHash: hashOf(call),
      calls,
    },
  };
}

/** Half of the native money of each protected address. What they hold of tokens a contract finds out by itself. */
async function halvesOf(evm: Evm, protect: readonly Address[]): Promise<bigint[]> {
  const amounts: bigint[] = [];
  for (const address of protect) {
    const held = await evm.read({ kind: "balance", address });
    if (held.ok && BigInt(held.value) > 1n) amounts.push(BigInt(held.value) / 2n);
  }
  return amounts;
}

/** What was found out about a creation, for whoever follows. */
export interface Probed extends Creation {
  readonly onBlock: BlockRef;
  readonly outcome: ProbeResult["outcome"] | "unavailable";
  readonly calls: number;
  readonly ms: number;
}
