import { detectOracleDeviation } from "@testudo/core/detectors/detectOracleDeviation";
import { invariant } from "@testudo/core/detectors/invariant";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { type DetectContext, type DetectorUse, useDetector } from "@testudo/core/model/Detector";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import type { Program } from "@testudo/core/model/Program";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";
import { encodeFunctionData } from "viem/utils";
import { closeExits, type ExitParams } from "../closeExits.ts";
import { viewAbi } from "./curieAbi.ts";
import {
  decodeAccount,
  decodeMarket,
  encodeAccount,
  encodeMarket,
  measureSolvency,
  type ReadTargets,
  traderOfLog,
  type ViewCall,
} from "./solvencyReads.ts";

/** What the program has to know of a deployment. */
export type CurieProgramParams = ExitParams & {
  readonly targets: ReadTargets;
  readonly quoteToken: Address;
};

// Margin of healthy accounts that a price out of line puts at stake, as a share of the Vault's money (0.1 %).
const harmPpm = 1_000n;

/** The defence of one Curie market: the zero-configuration set, its index, its solvency, and a pause of the ways out. */
export function createProgram(params: CurieProgramParams): Program {
  return {
    ...closeExits(params),
    // Base and quote token are Curie's book-keeping: minted to the ClearingHouse without limit, worth nothing outside.
    ignoredAssets: [toLower(params.targets.baseToken), toLower(params.quoteToken)],
    detectors: [...zeroConfigDetectors(), indexDeviation(params), solvency(params.targets)],
  };
}

/** The index against its own 15-minute mean: whoever moves a thin spot market moves the first and not the second. */
function indexDeviation({ targets, contracts }: CurieProgramParams): DetectorUse {
  const index = (seconds: bigint) => ({
    to: toLower(targets.baseToken),
    data: encodeFunctionData({ abi: viewAbi, functionName: "getIndexPrice", args: [seconds] }),
    decimals: 18,
    word: 0,
  });
  const subject = toLower(contracts.at(-1)!.address);
  const feed = {
    name: "index",
    subject,
    feed: index(0n),
    references: [index(900n)],
    twapSeconds: 0,
    maxDeviation: 0.05,
  };
  return useDetector(detectOracleDeviation, { feeds: [feed] });
}

/**
 * No account that is healthy at the 15-minute mean may be ruined by a price that is out of line with it: the margin of
 * such accounts, and what others would owe beyond theirs, is harm that has begun, one block before anyone can carry it out.
 */
function solvency(targets: ReadTargets): DetectorUse {
  const calls = (traders: readonly Address[]): ViewCall[] => [
    ...encodeMarket(targets),
    ...traders.flatMap((trader) => encodeAccount(targets, trader)),
  ];
  return invariant({
    id: "curie-solvency",
    severity: "critical",
    owner: "risk",
    reads: (c) =>
      calls(tradersOf(c, targets)).map(
        ({ to, data }): StateRead => ({ kind: "call", at: "block", to: toLower(to), data }),
      ),
    predicate: (answers, c) => judgeSolvency(answers, tradersOf(c, targets), targets, c.phase),
  });
}

function judgeSolvency(
  answers: readonly StateAnswer[],
  traders: readonly Address[],
  targets: ReadTargets,
  phase: "history" | "live",
) {
  const results = answers.map(dataOf);
  const marketReads = encodeMarket(targets).length;
  const head = results.slice(0, marketReads);
  // Before the market stood there is nothing to read; later silence must not pass for solvency.
  if (!areAll(head)) return { holds: phase === "history", reason: "Curie's prices cannot be read.", evidence: {} };
  const market = decodeMarket(head);
  const unread: Address[] = [];
  const accounts = traders.flatMap((trader, i) => {
    const own = results.slice(marketReads + 2 * i, marketReads + 2 * i + 2);
    if (areAll(own)) return [decodeAccount(trader, own)];
    unread.push(trader);
    return [];
  });
  const found = measureSolvency(accounts, market);
  const harmUsdc = found.badDebtUsdc + found.badDebtAtPoolUsdc + found.marginAtRiskUsdc;
  return {
    holds: harmUsdc * 1_000_000n <= market.vaultUsdc * harmPpm,
    reason: `${harmUsdc / 1_000_000n} USD of honest margin and debt is at stake at a price out of line with its 15-minute mean.`,
    evidence: { ...found, ...market, accounts: accounts.length, unread },
  };
}

function areAll(results: readonly (Hex | undefined)[]): results is readonly Hex[] {
  return results.every((result) => result !== undefined);
}

/** Everyone who has had an account, from the logs, remembered over blocks; sorted, so that the reads are the same. */
function tradersOf(c: DetectContext<unknown>, { insuranceFund, vault }: ReadTargets): readonly Address[] {
  const known = new Set((c.memory.get("traders") ?? []) as readonly Address[]);
  const before = known.size;
  for (const log of c.block.logs) {
    const trader = c.watched.has(log.address) ? traderOfLog(log.topics) : undefined;
    if (trader !== undefined) known.add(toLower(trader));
  }
  for (const house of [insuranceFund, vault]) known.delete(toLower(house));
  const traders = [...known].sort();
  if (known.size !== before) c.memory.set("traders", traders);
  return traders;
}

function dataOf(answer: StateAnswer): Hex | undefined {
  return answer.ok && answer.value !== "0x" ? answer.value : undefined;
}
