// Calls a new contract as its deployer might, on a fork, to see whether it harms the protected addresses before anyone
// calls it on the chain: with templates first, then guided by what calls do. What it finds is judged by the production
// detectors and by nothing of its own.
import type { Evm, EvmBlock } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { pushedWords } from "@testudo/core/signs/PushedWords";
import { confirmSuspect } from "./confirmSuspect.ts";
import { mostGasOfCall } from "./mostGasOfCall.ts";
import { openSearch, type Search, type SearchGround, type SearchReport } from "./openSearch.ts";
import type { HarmfulCall } from "./ProbeCall.ts";
import { type ProbeGround, runProbeCall } from "./runProbeCall.ts";
import { attemptsOf, isBare, nameOf } from "./templatesOf.ts";
import { within } from "./within.ts";

export type { SearchGround, SearchReport } from "./openSearch.ts";
export type { HarmfulCall, ProbeCall } from "./ProbeCall.ts";

export interface ProbeRequest {
  /** On the state after the contract's creation, in a block without a base fee: whoever is tried need not be rich. */
  readonly evm: Evm;
  readonly chainId: number;
  readonly contract: Address;
  readonly deployer: Address;
  /** The protected set P. */
  readonly protect: readonly Address[];
  /** Further words to try as an argument: tokens, lenders, the attacker's helpers. What P holds of these is watched. */
  readonly addresses?: readonly Address[];
  /** Amounts to try, such as half of what P holds, the likeliest first. */
  readonly amounts?: readonly bigint[];
  /** The block of the first calls; `evm` was opened in it. */
  readonly block: EvmBlock;
  /** The state and block that `evm` was opened on, for guided calls; without it there are only templates. */
  readonly search?: SearchGround;
  /** Milliseconds of some clock; only differences count. */
  readonly now: () => number;
  readonly limits?: ProbeLimits;
}

export interface ProbeLimits {
  /** Of templates, which get half of the time at most where guided calls follow. */
  readonly calls: number;
  /** Of guided calls; a turn more may be made. */
  readonly guided: number;
  readonly ms: number;
}

/**
 * `harm`: a call took from P what the drain detector calls high or worse. `gated`: none did, and a function reverted
 * whatever it was given, so that its key may be a time, an owner or a secret. `budget`: not all templates were tried, or of guided
 * calls fewer than 256 could be made, some were without state or had wanted more gas, more than one of sixteen waited for state, or more was suspected than is looked at. `no-harm`: all else.
 */
export interface ProbeResult {
  readonly outcome: "harm" | "no-harm" | "gated" | "budget";
  /** Of templates. */
  readonly calls: number;
  /** Whether all templates were tried. */
  readonly isTried: boolean;
  /** Functions that were found in the code, and those of which a call succeeded. */
  readonly functions: readonly Hex[];
  readonly reached: readonly Hex[];
  /** Of guided calls; absent where there were none. */
  readonly guided?: SearchReport;
  readonly ms: number;
  /** What there was: a deadline for all, and the most calls of either kind. */
  readonly limits: ProbeLimits;
  readonly harm?: HarmfulCall;
}

/** PRE-05: at most this for one contract. */
export const probeLimits: ProbeLimits = { calls: 256, guided: 1_000_000, ms: 2_000 };

/** Probes `contract`. Throws what the engine's state throws; the state is as it was afterwards. */
export async function probeContract(request: ProbeRequest): Promise<ProbeResult> {
  const { evm, now, limits = probeLimits } = request;
  const start = now();
  const code = await evm.read({ kind: "code", address: request.contract });
  const functions = code.ok ? pushedWords(code.value).functions : [];
  const left = () => limits.ms - (now() - start);
  const templates = await tryTemplates(request, functions, left);
  const search = templates.harm === undefined ? await tryGuided(request, left) : undefined;
  const harm = templates.harm ?? search?.harm;
  const reached = functions.filter((name) => templates.reached.has(name) || search?.report.reached.includes(name));
  const isCut = !templates.isTried || search?.isCut === true || search?.report.isFull === true;
  return {
    outcome: harm ? "harm" : isCut ? "budget" : reached.length < functions.length ? "gated" : "no-harm",
    calls: templates.calls,
    isTried: templates.isTried,
    functions,
    reached,
    ...(search === undefined ? {} : { guided: search.report }),
    ms: Math.round(now() - start),
    limits,
    ...(harm === undefined ? {} : { harm }),
  };
}

function groundOf({ evm, chainId, protect, block }: ProbeRequest): ProbeGround {
  return { evm, chainId, protect, block, gas: mostGasOfCall(block) };
}

interface Tried {
  readonly calls: number;
  readonly isTried: boolean;
  readonly reached: ReadonlySet<Hex>;
  readonly harm?: HarmfulCall;
}

async function tryTemplates(request: ProbeRequest, functions: readonly Hex[], left: () => number): Promise<Tried> {
  const { evm, contract: to, deployer: from, limits = probeLimits } = request;
  const balance = await evm.read({ kind: "balance", address: from });
  const tenth = balance.ok ? BigInt(balance.value) / 10n : 0n;
  const ground = groundOf(request);
  const reached = new Set<Hex>();
  const takesNothing = new Set<Hex>();
  const spared = request.search === undefined ? 0 : limits.ms / 2;
  let calls = 0;
  for (const attempt of attemptsOf(request, functions, tenth, takesNothing)) {
    if (calls >= limits.calls || left() <= spared) return { calls, isTried: false, reached };
    calls += 1;
    const call = { from, to, ...attempt };
    const mark = evm.snapshot();
    try {
      const { succeeded, drains } = await runProbeCall(ground, call, attempt.seconds);
      if (!succeeded) continue;
      reached.add(nameOf(attempt));
      if (isBare(attempt)) takesNothing.add(nameOf(attempt));
      if (drains !== undefined)
        return { calls, isTried: false, reached, harm: { ...call, before: [], findings: drains } };
    } finally {
      evm.revert(mark);
    }
  }
  return { calls, isTried: true, reached };
}

interface Guided {
  readonly report: SearchReport;
  /** State did not come in time. */
  readonly isCut: boolean;
  readonly harm?: HarmfulCall;
}

const nothing: SearchReport = {
  calls: 0,
  gas: 0,
  blocks: { ran: 0, all: 0 },
  reached: [],
  waiting: 0,
  missing: 0,
  unended: 0,
  fetches: 0,
  isFull: false,
};

async function tryGuided(request: ProbeRequest, left: () => number): Promise<Guided | undefined> {
  const { search: ground, contract, limits = probeLimits } = request;
  if (ground === undefined || limits.guided === 0) return undefined;
  if (left() <= 0) return { report: nothing, isCut: true };
  const opening = openSearch(ground, contract, request);
  if (!(await within(left(), opening))) return { report: nothing, isCut: true };
  const search = await opening;
  return search && goOn(request, search, left);
}

/** A contract that makes each call last is not known by fewer. */
const leastCalls = 256;
/** Calls that ran for one that waits: fewer, and the state was cold. */
const leastRan = 16;

async function goOn(request: ProbeRequest, search: Search, left: () => number): Promise<Guided> {
  const ground = groundOf(request);
  const { limits = probeLimits } = request;
  while (left() > 0 && search.calls < limits.guided) {
    // Others of the process come in between, and what hangs does not hold it up.
    if (!(await within(left(), search.advance()))) break;
    await new Promise((resolve) => setImmediate(resolve));
    const arrival = search.takeArrival();
    const harmful = arrival && (await confirmSuspect(ground, arrival));
    if (harmful !== undefined) return { report: search.report(), isCut: false, harm: harmful };
    for (const suspect of search.takeSuspects()) {
      const harm = await confirmSuspect(ground, suspect);
      if (harm !== undefined) return { report: search.report(), isCut: false, harm };
      search.grow(suspect);
      if (left() <= 0) break;
    }
  }
  const report = search.report();
  const isShort = report.calls < Math.min(leastCalls, limits.guided);
  const isCold = report.missing > 0 || report.unended > 0 || report.waiting * leastRan > report.calls;
  return { report, isCut: isShort || isCold };
}
