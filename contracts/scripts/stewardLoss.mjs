// Prints what a stolen steward key can cost each market of test/vectors/stewardLoss.json until the council stops it:
// `node contracts/scripts/stewardLoss.mjs [file]`. Loss = open interest at its ceiling x the margin that can be taken
// away within the veto time, one step a cooldown. Exits with 1 when a figure of the file is another; --write corrects
// it.
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const BPS = 10_000n;
const WAD = 10n ** 18n;
const ceilDiv = (a, b) => (a + b - 1n) / b;

/** The loss of one market, its columns as bigints, rounded up. */
export function stewardLoss({ openInterestCeil, margin, maxStepBps, floor, cooldown, vetoTime }) {
  let lowest = margin;
  for (let steps = vetoTime / cooldown + 1n; steps > 0n && lowest > floor; steps--) {
    const next = ceilDiv(lowest * BPS, BPS + maxStepBps);
    lowest = next > floor ? next : floor;
  }
  return ceilDiv(openInterestCeil * (margin - lowest), WAD);
}

function run(file, write) {
  const text = readFileSync(file, "utf8");
  const { columns, rows } = JSON.parse(text).markets;
  let corrected = text;
  let wrong = 0;
  for (const row of rows) {
    const market = Object.fromEntries(columns.map((column, i) => [column, BigInt(row[i])]));
    const loss = stewardLoss(market);
    const hours = Number(market.vetoTime) / 3600;
    const part = Number((loss * 1_000_000n) / market.openInterestCeil) / 10_000;
    console.log(`${loss} of ${market.openInterestCeil} open interest (${part} %) within ${hours} h of veto time`);
    if (loss === market.loss) continue;
    wrong++;
    console.error(`The file says ${market.loss}.\n- Run with --write, or correct the bounds.`);
    const line = row.map((value) => `"${value}"`).join(", ");
    corrected = corrected.replace(line, line.replace(/"\d+"$/, `"${loss}"`));
  }
  if (write) writeFileSync(file, corrected);
  process.exitCode = wrong > 0 && !write ? 1 : 0;
}

const args = process.argv.slice(2).filter((arg) => arg !== "--write");
if (process.argv[1] && resolve(process.argv[1]) === resolve(import.meta.filename))
  run(args[0] ?? join(import.meta.dirname, "../test/vectors/stewardLoss.json"), process.argv.includes("--write"));
