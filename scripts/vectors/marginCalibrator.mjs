// Writes contracts/test/vectors/marginCalibrator.json from the TypeScript twin: `node scripts/vectors/marginCalibrator.mjs`
// after a build. Same seed, same file.
import { calibrateMargin } from "../../packages/core/dist/risk/calibrateMargin.js";
import { marginFields, marginRanges } from "../../packages/core/dist/risk/MarginInputs.js";
import { profitAsCollateral } from "../../packages/core/dist/risk/profitAsCollateral.js";
import { publish } from "./publish.mjs";
import { seeded, writeRows } from "./seeded.mjs";

const random = seeded(0x7e57_0001n);
const WAD = 10n ** 18n;
const base = {
  sigma: (8n * WAD) / 10n,
  zM: 3n * WAD,
  zI: 4n * WAD,
  oracleDelay: 60n,
  hM: 600n,
  hI: 3600n,
  jump: WAD / 50n,
  size: 10n ** 12n,
  depth: 10n ** 14n,
  oracleDev: WAD / 200n,
  fee: WAD / 1000n,
  penalty: WAD / 100n,
  slippage: WAD / 200n,
  floorM: WAD / 100n,
  floorI: WAD / 50n,
  k: WAD / 2n,
  cover: 3n * 10n ** 13n,
};

/** Each field of a usual market at both its edges. */
function edges() {
  return marginFields.flatMap((field) => marginRanges[field].map((value) => ({ ...base, [field]: value })));
}

/** Fields drawn evenly in their number of bits, so that small and large values meet. */
function anywhere() {
  return Object.fromEntries(marginFields.map((field) => [field, random.logBetween(...marginRanges[field])]));
}

/** Markets as they are: sigma 0.01 to 5, depth 1e3 to 1e10 in units of 1e6. */
function usual() {
  return {
    sigma: random.between(WAD / 100n, 5n * WAD),
    zM: random.between(WAD, 5n * WAD),
    zI: random.between(WAD, 6n * WAD),
    oracleDelay: random.between(0n, 3_600n),
    hM: random.between(1n, 86_400n),
    hI: random.between(1n, 86_400n),
    jump: random.between(0n, WAD / 5n),
    size: random.logBetween(0n, 10n ** 15n),
    depth: random.logBetween(10n ** 9n, 10n ** 16n),
    oracleDev: random.between(0n, WAD / 50n),
    fee: random.between(0n, WAD / 100n),
    penalty: random.between(1n, WAD / 20n),
    slippage: random.between(0n, WAD / 20n),
    floorM: random.between(0n, WAD / 10n),
    floorI: random.between(0n, WAD / 5n),
    k: random.between(0n, 2n * WAD),
    cover: random.logBetween(0n, 10n ** 16n),
  };
}

function profit() {
  const amount = marginRanges.size;
  const size = random.logBetween(...amount);
  return [random.logBetween(...amount), size, random.logBetween(...marginRanges.depth), random.between(0n, WAD)];
}

const legal = [base, ...edges(), ...Array.from({ length: 115 }, anywhere), ...Array.from({ length: 150 }, usual)];
const row = (inputs) => {
  const { mmr, imr, maxLeverage, oiCap } = calibrateMargin(inputs);
  return [...marginFields.map((field) => inputs[field]), mmr, imr, maxLeverage, oiCap];
};
const profits = [
  [100n, 10n, 10n, WAD],
  [100n, 10n, 1n, WAD],
  [7n, 3n, 2n, WAD / 2n],
].concat(Array.from({ length: 60 }, profit));
publish(
  "marginCalibrator",
  writeRows({
    calibrate: { columns: [...marginFields, "mmr", "imr", "maxLeverage", "oiCap"], rows: legal.map(row) },
    profit: {
      columns: ["profit", "size", "depth", "fraction", "counted"],
      rows: profits.map((inputs) => [...inputs, profitAsCollateral(...inputs)]),
    },
  }),
);
console.log(`${legal.length + profits.length} rows`);
