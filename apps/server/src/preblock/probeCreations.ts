// New contracts near the protected set are called on a fork before anyone calls them on the chain.
import type { BlockBundle, BlockRef } from "@testudo/core/model/BlockBundle";
import { walk } from "@testudo/core/model/CallTree";
import type { Evm, OpenEvm } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { flashCallbacks, flashFunctions } from "@testudo/core/signs/FlashLoan";
import { pushedWords } from "@testudo/core/signs/PushedWords";
import { type HarmfulCall, type ProbeResult, probeContract, probeLimits } from "@testudo/lab/probe/probeContract";
import { type HeadState, triedLimits } from "./openHeadState.ts";
import { readProbeWords } from "./probeWords.ts";

/** A contract that came into being in a block. */
export interface Creation {
  readonly contract: Address;
  readonly deployer: Address;
  readonly tx: Hex;
}

/**
 * The creations of `bundle` worth a probe: an address of `watched` in the code or among the constructor's data, or
 * anything of a flash loan in either, which may carry another contract's code, where the deployer has sent fewer than five
 * transactions, or a deployer whose money came from a mixer (`isFunded`).
 */
export function creationsNear(
  bundle: BlockBundle,
  watched: readonly Address[],
  isFunded: (deployer: Address) => boolean,
): Creation[] {
  return bundle.txs.flatMap((tx, i) => {
    const trace = bundle.traces?.[i];
    if (trace === undefined) return [];
    return walk(trace)
      .filter(({ frame, reverted }) => !reverted && (frame.type === "CREATE" || frame.type === "CREATE2"))
      .filter(({ frame: { input, output } }) => {
        if (isFunded(tx.from) || watched.some((p) => input.includes(p.slice(2)))) return true;
        const { addresses, selectors } = pushedWords(output);
        if (watched.some((p) => addresses.has(p))) return true;
        return tx.nonce < freshNonce && [selectors, pushedWords(input).selectors].some(hasFlash);
      })
      .map(({ frame }) => ({ contract: frame.to, deployer: tx.from, tx: tx.hash }));
  });
}

const freshNonce = 5;

function hasFlash(selectors: ReadonlySet<Hex>): boolean {
  return [...selectors].some((name) => flashFunctions.has(name) || flashCallbacks.has(name));
}

/** What came of a probe, with the call that does harm, if one does. */
export interface ProbedCall {
  readonly result: ProbeResult;
  readonly harm: (HarmfulCall & { readonly reason: string; readonly subject: Address }) | undefined;
}

/** Whom a probe protects, and with what it tries. */
export interface ProbeGround {
  readonly watched: readonly Address[];
  /** Which tokens the protected addresses may hold. */
  readonly tokensOn: (evm: Evm) => Promise<readonly Address[]>;
  /** How long one may take at most. */
  readonly ms: number;
}

// Whoever gives a probe more time wants it to end the same way on a machine of any load: about what two seconds let.
const guidedAtLeisure = 20_000;

/** Probes `creation` after `head`, with amounts of what is held of `tokensOn`'s tokens. */
export async function probeCreation(
  { state, block }: HeadState,
  openEvm: OpenEvm,
  { contract, deployer }: Creation,
  { watched: protect, tokensOn, ms }: ProbeGround,
): Promise<ProbedCall> {
  const evm = await openEvm(state, { ...block, baseFeePerGas: 0n }, triedLimits);
  const { chainId } = block;
  const words = await readProbeWords(evm, { protect, deployer }, await tokensOn(evm));
  const now = () => performance.now();
  const limits = ms > probeLimits.ms ? { ...probeLimits, guided: guidedAtLeisure, ms } : { ...probeLimits, ms };
  const inBlock = { ...block, baseFeePerGas: 0n };
  const search = { source: state, block: inBlock };
  const request = {
    ...{ evm, chainId, contract, deployer, protect, ...words, search, block: inBlock, now, limits },
  };
  const result = await probeContract(request);
  const worst = result.harm?.findings[0];
  if (result.harm === undefined || worst === undefined) return { result, harm: undefined };
  const { from, before } = result.harm;
  const who = from === deployer ? `its deployer ${deployer}` : "somebody else";
  const after = before.length === 0 ? "" : ` after ${before.length} other${before.length === 1 ? "" : "s"}`;
  const reason = `A call of ${contract}${after}, tried on a fork as ${who} might, does harm: ${worst.reason}`;
  return { result, harm: { ...result.harm, reason, subject: worst.subject } };
}

/** What was found out about a creation, for whoever follows. */
export interface Probed extends Creation {
  readonly onBlock: BlockRef;
  readonly outcome: ProbeResult["outcome"] | "unavailable";
  /** Of templates and of the search. */
  readonly calls: number;
  /** From the creation's block being judged up to the word on it. */
  readonly ms: number;
  /** Why it could not be done, or what was tried. */
  readonly detail: string;
}
