// How often the derivative suite speaks over honest traffic, generated anew: `node examples/dist/derivatives/measureTraffic.js
// [minutes a market] [--json]`. Not a test: it runs as long as it is told to, and prints what it counted (BAR-03, CAL-06).
import type { Finding } from "@testudo/core/model/Finding";
import { openCurieSuite } from "./openCurieSuite.ts";
import { openReferenceSuite } from "./openReferenceSuite.ts";
import type { SuiteWatch } from "./SuiteWatch.ts";

/** What was judged of one market, and what was said of it. */
type Count = {
  readonly market: string;
  readonly blocks: number;
  readonly transactions: number;
  readonly seconds: number;
  /** Findings by detector and severity. */
  readonly findings: { readonly [told: string]: number };
  readonly first: readonly string[];
  /** With no finding in N transactions the rate is below 3/N at 95 %; null where there was one. */
  readonly upperBound: number | null;
};

type Play = { readonly trade: (from: number, count: number) => Promise<Finding[]>; readonly watch: SuiteWatch };

const logs = ["X", "L"] as const;
const atATime = 10;

async function measure(market: string, minutes: number, { trade, watch }: Play): Promise<Count> {
  const [started, findings, first] = [Date.now(), new Map<string, number>(), [] as string[]];
  for (let slot = 0; Date.now() - started < minutes * 60_000; slot += atATime)
    for (const { detector, severity, reason, blockNumber } of await trade(slot, atATime)) {
      findings.set(`${detector} ${severity}`, (findings.get(`${detector} ${severity}`) ?? 0) + 1);
      if (first.length < 10) first.push(`block ${blockNumber}: ${reason}`);
    }
  const { blocks, transactions } = watch.seen();
  return {
    market,
    blocks,
    transactions,
    seconds: Math.round((Date.now() - started) / 1_000),
    findings: Object.fromEntries(findings),
    first,
    upperBound: findings.size === 0 ? 3 / transactions : null,
  };
}

async function main(): Promise<void> {
  const minutes = Number(process.argv.find((arg) => /^[\d.]+$/.test(arg)) ?? "5");
  const print = (count: Count) => console.log(process.argv.includes("--json") ? JSON.stringify(count) : textOf(count));
  const reference = await openReferenceSuite("SPOT", 48, {}, { perSlot: 32, scopes: logs });
  try {
    print(await measure("ReferencePerp", minutes, reference));
  } finally {
    await reference.close();
  }
  // Curie's pool remembers 300 observations: at 12 s a block they reach back further than its mean prices.
  const curie = await openCurieSuite({}, logs, 12);
  try {
    print(await measure("Curie", minutes, curie));
  } finally {
    await curie.close();
  }
}

function textOf({ market, blocks, transactions, seconds, findings, first, upperBound }: Count): string {
  const said = Object.entries(findings).map(([told, times]) => `${told}: ${times}`);
  const bound = upperBound === null ? "" : `, so below ${(upperBound * 100).toPrecision(2)} % at 95 %`;
  const what = said.length === 0 ? `no finding${bound}` : said.join(", ");
  return [`${market}: ${transactions} transactions in ${blocks} blocks, ${seconds} s: ${what}.`, ...first].join("\n  ");
}

await main();
