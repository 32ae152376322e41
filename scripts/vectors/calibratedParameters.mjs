// Writes contracts/test/vectors/calibratedParameters.json from the built twins:
// `node scripts/vectors/calibratedParameters.mjs`. The same file each time. Numbers below zero are written as the 256-bit
// words that they are on chain.
import { marketHealth, marketLimits } from "../../packages/core/dist/risk/calibratedParameters.js";
import { passesHealthGate } from "../../packages/core/dist/risk/healthGate.js";
import { publish } from "./publish.mjs";
import { seeded, writeRows } from "./seeded.mjs";

const random = seeded(0x7e57_0015n);
const WAD = 10n ** 18n;
const maxAmount = (1n << 128n) - 1n;
const maxField = (1n << 64n) - 1n;
const word = (x) => BigInt.asUintN(256, x);
const oneOf = (values) => values[random.between(0n, BigInt(values.length) - 1n)];
const oneIn = (count) => random.between(1n, count) === 1n;
const signed = (x) => (oneIn(2n) ? -x : x);

/** Any model that its 64-bit fields hold and the calibrator takes. */
function model() {
  const ratio = (min) => random.logBetween(min, maxField);
  return {
    ...{ sigma: ratio(1n), zM: ratio(1n), zI: ratio(1n), jump: ratio(0n), oracleDev: ratio(0n), fee: ratio(0n) },
    ...{ penalty: ratio(1n), slippage: ratio(0n), k: ratio(0n) },
    ...{ profitFraction: oneOf([0n, WAD, random.between(0n, WAD)]), liquidationShare: random.between(0n, 2n * WAD) },
    ...{
      oracleDelay: random.logBetween(0n, 86_400n),
      hM: random.logBetween(1n, 86_400n),
      hI: random.logBetween(1n, 86_400n),
    },
  };
}

function market() {
  const terms = model();
  const amount = () => random.logBetween(0n, maxAmount);
  const [stewardAnswers, fundAnswers] = [!oneIn(12n), !oneIn(12n)];
  const given = {
    ...{ depth: oneIn(12n) ? oneOf([0n, 1n, maxAmount]) : amount(), oiCap: amount() },
    ...{ initialFloor: oneIn(8n) ? maxAmount : random.logBetween(0n, 2n * WAD) },
    ...{ maintenanceFloor: oneIn(8n) ? 101n * WAD : random.logBetween(0n, WAD) },
    fundLeft: oneIn(4n) ? (1n << 255n) - 1n : amount(),
  };
  const { fundLeft, ...ofSteward } = given;
  const asked = stewardAnswers ? ofSteward : {};
  const values = fundAnswers ? { ...asked, fundLeft } : asked;
  const gain = signed(random.logBetween(0n, 1n << 130n));
  const account = {
    ...{ own: signed(random.logBetween(0n, 1n << 130n)), gain },
    // More than the loss, as much as it, or less: only the first leaves a gain.
    drawn: oneIn(2n) ? 0n : oneOf([gain < 0n ? -gain : gain, random.logBetween(0n, 1n << 130n)]),
    notional: oneIn(8n) ? oneOf([0n, maxAmount, maxAmount + 1n]) : random.logBetween(0n, 1n << 100n),
  };
  const limits = marketLimits(terms, values);
  const health = marketHealth(terms, values, account);
  return {
    ...{ ...terms, ...given, stewardAnswers: stewardAnswers ? 1n : 0n, fundAnswers: fundAnswers ? 1n : 0n, ...account },
    ...{ limitOiCap: limits.oiCap, limitDepth: limits.depth, skewScale: limits.skewScale },
    ...{ liquidationCap: limits.liquidationCap, ...health },
  };
}

function gate() {
  const some = () => random.between(-2n, 2n);
  const health = () => [some(), some(), random.between(0n, 2n)];
  const [before, after] = [health(), health()];
  const of = ([excess, collateral, initial]) => ({ excess, collateral, initial });
  return [...before, ...after, passesHealthGate(of(before), of(after)) ? 1n : 0n].map(word);
}

const rows = Array.from({ length: 120 }, market);
const columns = Object.keys(rows[0]);
publish(
  "calibratedParameters",
  writeRows({
    markets: { columns, rows: rows.map((row) => columns.map((key) => word(row[key]))) },
    gates: {
      columns: ["excess", "collateral", "initial", "excessAfter", "collateralAfter", "initialAfter", "allowed"],
      rows: Array.from({ length: 60 }, gate),
    },
  }),
);
