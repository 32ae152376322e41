// Calls a new contract as its deployer might, on a fork, to see whether it harms the protected addresses before anyone
// calls it on the chain. What it finds is judged by the production detectors and by nothing of its own.
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { walk } from "@testudo/core/model/CallTree";
import type { Evm, EvmOutcome } from "@testudo/core/model/Evm";
import { isAtLeast } from "@testudo/core/model/Finding";
import { type Address, type Hex, toWord } from "@testudo/core/model/Hex";
import { pushedWords } from "@testudo/core/model/PushedWords";
import { isNodeRead, type StateAnswer, type StateRead } from "@testudo/core/model/StateRead";
import { judgeTx, type TxFinding } from "@testudo/core/pipeline/judgeTx";

export interface ProbeRequest {
  /** On the state after the contract's creation, in a block without a base fee: whoever is tried need not be rich. */
  readonly evm: Evm;
  readonly chainId: number;
  readonly contract: Address;
  readonly deployer: Address;
  /** The protected set P. */
  readonly protect: readonly Address[];
  /** Further words to try as an argument: tokens, lenders, the attacker's helpers. */
  readonly addresses?: readonly Address[];
  /** Amounts to try, such as half of what P holds, the likeliest first. */
  readonly amounts?: readonly bigint[];
  /** The block of the calls, and the one after it. */
  readonly block: { readonly number: bigint; readonly timestamp: bigint };
  /** Milliseconds of some clock; only differences count. */
  readonly now: () => number;
  readonly limits?: { readonly calls: number; readonly ms: number };
}

/** A call that does harm, as it can be made again. A working exploit: it is not to be stored in the clear (PRE-06). */
export interface HarmfulCall {
  readonly from: Address;
  readonly to: Address;
  readonly input: Hex;
  readonly value: bigint;
  readonly findings: readonly TxFinding[];
}

/**
 * `harm`: a call took from P what the drain detector calls high or worse. `gated`: none did, and a function reverted
 * whatever it was given, so that its key may be a time, an owner or a secret. `budget`: not all was tried. `no-harm`: all was.
 */
export interface ProbeResult {
  readonly outcome: "harm" | "no-harm" | "gated" | "budget";
  readonly calls: number;
  readonly functions: readonly Hex[];
  readonly ms: number;
  readonly harm?: HarmfulCall;
}

/** PRE-05: at most this for one contract. */
export const probeLimits = { calls: 256, ms: 2_000 } as const;

const gas = 16_000_000n;
const blockSeconds = 12n;

/** Probes `contract`. Throws what the engine's state throws; the state is as it was afterwards. */
export async function probeContract(request: ProbeRequest): Promise<ProbeResult> {
  const { evm, now, limits = probeLimits } = request;
  const start = now();
  const code = await evm.read({ kind: "code", address: request.contract });
  const functions = code.ok ? pushedWords(code.value).functions : [];
  const balance = await evm.read({ kind: "balance", address: request.deployer });
  const tenth = balance.ok ? BigInt(balance.value) / 10n : 0n;
  const reverted = new Set(functions);
  const takesNothing = new Set<Hex>();
  let calls = 0;
  const result = (outcome: ProbeResult["outcome"], harm?: HarmfulCall): ProbeResult => ({
    outcome,
    calls,
    functions,
    ms: Math.round(now() - start),
    ...(harm ? { harm } : {}),
  });
  for (const attempt of attemptsOf(request, functions, tenth, takesNothing)) {
    if (calls >= limits.calls || now() - start >= limits.ms) return result("budget");
    calls += 1;
    const mark = evm.snapshot();
    try {
      const outcome = await evm.run({ from: request.deployer, to: request.contract, gas, gasPrice: 0n, ...attempt });
      if (outcome.kind !== "ran" || !outcome.succeeded) continue;
      reverted.delete(nameOf(attempt));
      if (attempt.input.length === nameLength) takesNothing.add(nameOf(attempt));
      if (!comesNear(outcome.trace, request.protect)) continue;
      const findings = await judgeOutcome(request, outcome, mark, attempt);
      if (findings.some(isDrain)) {
        const { input, value } = attempt;
        return result("harm", { from: request.deployer, to: request.contract, input, value, findings });
      }
    } finally {
      evm.revert(mark);
    }
  }
  return result(reverted.size > 0 ? "gated" : "no-harm");
}

// What enters none of P and names none of it, as a payer or payee say, takes nothing from it: it need not be judged.
function comesNear(trace: CallFrame, protect: readonly Address[]): boolean {
  const names = protect.map((address) => address.slice(2));
  const isNamed = (text: string) => names.some((name) => text.includes(name));
  return walk(trace).some(
    ({ frame, parent, context }) =>
      (parent !== undefined && (protect.includes(context) || isNamed(frame.input))) ||
      frame.logs.some(({ topics }) => topics.some(isNamed)),
  );
}

function isDrain({ detector, severity }: TxFinding): boolean {
  return detector === "asset-drain" && isAtLeast(severity, "high");
}

interface Attempt {
  readonly input: Hex;
  readonly value: bigint;
  readonly block: { readonly number: bigint; readonly timestamp: bigint };
}

const nameLength = "0x00000000".length;
const nameOf = ({ input }: Attempt) => input.slice(0, nameLength) as Hex;

// Every function with one template before any with the next, so that a budget that ends early has seen all of them. One
// that succeeds without arguments most likely takes none: with others it is tried when all the rest has been.
function* attemptsOf(
  request: ProbeRequest,
  functions: readonly Hex[],
  tenth: bigint,
  takesNothing: ReadonlySet<Hex>,
): Generator<Attempt> {
  const { number, timestamp } = request.block;
  const later = { number: number + 1n, timestamp: timestamp + blockSeconds };
  const templates = templatesOf(request);
  const rounds = (tenth > 0n ? [0n, tenth] : [0n]).flatMap((value) =>
    [request.block, later].map((block) => ({ value, block })),
  );
  for (const round of rounds)
    for (const words of templates)
      for (const name of functions)
        if (words === "" || !takesNothing.has(name)) yield { input: `${name}${words}`, ...round };
  for (const round of rounds)
    for (const words of templates)
      for (const name of takesNothing) if (words !== "") yield { input: `${name}${words}`, ...round };
}

const argumentsMax = 6;
const largest = (1n << 256n) - 1n;

/** What is put behind a selector: nothing, one word throughout, or an address and a number and zeros behind them. */
function templatesOf({ protect, deployer, addresses = [], amounts = [] }: ProbeRequest): readonly string[] {
  const all = (word: bigint | Hex) => toWord(word).repeat(argumentsMax);
  const led = (by: Hex, word: bigint) => toWord(by) + toWord(word) + toWord(0n).repeat(argumentsMax - 2);
  const known = [...addresses, ...protect, deployer];
  return [
    "",
    all(0n),
    all(1n),
    ...amounts.map(all),
    ...known.map(all),
    all(largest),
    ...amounts.flatMap((amount) => known.map((address) => led(address, amount))),
    ...[1n, largest].flatMap((number) => known.map((address) => led(address, number))),
  ];
}

async function judgeOutcome(
  { evm, chainId, protect }: ProbeRequest,
  { trace }: Extract<EvmOutcome, { kind: "ran" }>,
  mark: number,
  { block }: Attempt,
): Promise<readonly TxFinding[]> {
  const answer = async (reads: readonly StateRead[]) => {
    const answers: StateAnswer[] = [];
    for (const asked of reads) {
      if (!isNodeRead(asked) || typeof asked.at !== "string") {
        answers.push({ ok: false, error: `unsupported: a probe answers no "${asked.kind}".` });
        continue;
      }
      const { at, ...read } = asked;
      answers.push(await evm.read(read, at === "parent" ? mark : undefined));
    }
    return answers;
  };
  return (await judgeTx({ trace, chainId, block }, { protect, answer })).findings;
}
