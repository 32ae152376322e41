// Compiles the modules and writes dist/: ABI and creation bytecode of each, with literal types for viem.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "./compile.mjs";

const packageDir = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** What the package exports: name, source file, contract, and whether it can be deployed. */
const modules = [
  { name: "circuitBreaker", contract: "CircuitBreaker", deployable: true },
  { name: "guardianCouncil", contract: "GuardianCouncil", deployable: true },
  { name: "gateProxy", contract: "GateProxy", deployable: true },
  { name: "oracleAggregator", contract: "OracleAggregator", deployable: true },
  { name: "chainlinkAdapter", source: "adapters/ChainlinkAdapter", contract: "ChainlinkAdapter", deployable: true },
  {
    name: "uniswapV3TwapAdapter",
    source: "adapters/UniswapV3TwapAdapter",
    contract: "UniswapV3TwapAdapter",
    deployable: true,
  },
  { name: "erc4626Adapter", source: "adapters/ERC4626Adapter", contract: "ERC4626Adapter", deployable: true },
  { name: "oracleTripper", contract: "OracleTripper", deployable: true },
  { name: "latencyBuffer", contract: "LatencyBuffer", deployable: true },
  { name: "selectorBreaker", contract: "SelectorBreaker", deployable: false },
  { name: "guarded", contract: "Guarded", deployable: false },
  { name: "riskSteward", contract: "RiskSteward", deployable: true },
  {
    name: "oracleMoveInvariant",
    source: "adapters/OracleMoveInvariant",
    contract: "OracleMoveInvariant",
    deployable: true,
  },
  {
    name: "liquidatableInvariant",
    source: "adapters/LiquidatableInvariant",
    contract: "LiquidatableInvariant",
    deployable: true,
  },
  { name: "morphoOracle", source: "adapters/MorphoOracle", contract: "MorphoOracle", deployable: true },
  { name: "timelock", contract: "Timelock", deployable: true },
  { name: "listingCheck", source: "adapters/ListingCheck", contract: "ListingCheck", deployable: true },
  { name: "marginCalibrator", contract: "MarginCalibrator", deployable: true },
  { name: "flowLimiter", contract: "FlowLimiter", deployable: true },
  { name: "insuranceFund", contract: "InsuranceFund", deployable: true },
  { name: "bountyVault", contract: "BountyVault", deployable: true },
  { name: "bountyRules", contract: "BountyRules", deployable: true },
  { name: "safeHarborReader", source: "adapters/SafeHarborReader", contract: "SafeHarborReader", deployable: true },
  { name: "exploitProofHook", contract: "ExploitProofHook", deployable: true },
  {
    name: "beforeAfterVerifier",
    source: "adapters/BeforeAfterVerifier",
    contract: "BeforeAfterVerifier",
    deployable: true,
  },
  { name: "solvencyCheck", source: "adapters/SolvencyCheck", contract: "SolvencyCheck", deployable: true },
  { name: "markCheck", source: "adapters/MarkCheck", contract: "MarkCheck", deployable: true },
  { name: "collateralCheck", source: "adapters/CollateralCheck", contract: "CollateralCheck", deployable: true },
  {
    name: "honkExploitVerifier",
    source: "adapters/HonkExploitVerifier",
    contract: "HonkExploitVerifier",
    deployable: true,
  },
  { name: "tranche", contract: "Tranche", deployable: false },
  { name: "bridgeGuard", contract: "BridgeGuard", deployable: true },
  { name: "referencePerp", source: "reference/ReferencePerp", contract: "ReferencePerp", deployable: true },
  {
    name: "calibratedParameters",
    source: "reference/CalibratedParameters",
    contract: "CalibratedParameters",
    deployable: true,
  },
  { name: "healthGate", source: "reference/HealthGate", contract: "HealthGate", deployable: true },
  { name: "puppet", source: "lab/Puppet", contract: "Puppet", deployable: true },
  { name: "appraiser", source: "lab/Appraiser", contract: "Appraiser", deployable: true },
  { name: "propertyReader", source: "lab/PropertyReader", contract: "PropertyReader", deployable: true },
];

// Typed as a hex string and not as its literal: tens of kilobytes that no type needs.
const creationCodeType = ["; readonly bytecode: `0x$", "{string}`"].join("");

/** Every custom error of the modules as an ABI, so that any revert of theirs can be decoded. */
function errorsOf(abis) {
  const bySignature = new Map();
  for (const entry of abis.flat())
    if (entry.type === "error")
      bySignature.set(`${entry.name}(${entry.inputs.map((input) => input.type).join(",")})`, entry);
  return [...bySignature.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

/** The TypeScript type of a JSON value, all of it literal and readonly. */
function literalType(value) {
  if (Array.isArray(value)) return `readonly [${value.map(literalType).join(", ")}]`;
  if (value !== null && typeof value === "object")
    return `{ ${Object.entries(value)
      .map(([key, item]) => `readonly ${key}: ${literalType(item)}`)
      .join("; ")} }`;
  return JSON.stringify(value);
}

const contracts = compile(modules.map(({ contract, source = contract }) => join(packageDir, "src", `${source}.sol`)));
const largest = { contract: "", size: 0 };
const js = [];
const dts = [];
for (const { name, contract, deployable } of modules) {
  const { abi, bytecode, deployedBytecode } = contracts[contract];
  const size = (deployedBytecode.length - 2) / 2;
  if (size > 24_576) throw new Error(`${contract} has ${size} bytes of code.\n- The limit is 24,576 (EIP-170).`);
  js.push(`export const ${name} = { abi: ${JSON.stringify(abi)}${deployable ? `, bytecode: "${bytecode}"` : ""} };`);
  dts.push(
    `/** ${deployable ? "ABI and creation bytecode" : "ABI"} of ${contract}.sol. */`,
    `export declare const ${name}: { readonly abi: ${literalType(abi)}${deployable ? creationCodeType : ""} };`,
  );
  if (size > largest.size) Object.assign(largest, { contract, size });
}
const errors = errorsOf(modules.map(({ contract }) => contracts[contract].abi));
js.push(`export const errorsAbi = ${JSON.stringify(errors)};`);
dts.push("/** Every custom error of the modules. */", `export declare const errorsAbi: ${literalType(errors)};`);

const dist = join(packageDir, "dist");
mkdirSync(dist, { recursive: true });
writeFileSync(join(dist, "index.js"), `${js.join("\n")}\n`);
writeFileSync(join(dist, "index.d.ts"), `${dts.join("\n")}\n`);
console.log(`${modules.length} contracts, the largest ${largest.contract} with ${largest.size} of 24576 bytes`);
