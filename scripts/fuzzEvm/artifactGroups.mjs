// Compiled contracts that the workspace has anyway: of its npm packages, and its own. Each group is deployed into one state.
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "../install.mjs";

const modules = join(root, "node_modules");
const hardhat = (folder, names) => names.map((name) => join(modules, folder, `${name}.sol`, `${basename(name)}.json`));
const flat = (folder, names) => names.map((name) => join(modules, folder, `${name}.json`));
const forge = (names) => names.map((name) => join(root, "contracts", "out", `${name}.sol`, `${name}.json`));

const groups = {
  "uniswap v2": flat("@uniswap/v2-core/build", ["ERC20", "UniswapV2ERC20", "UniswapV2Factory", "UniswapV2Pair"]),
  "uniswap v3": [
    ...hardhat("@uniswap/v3-core/artifacts/contracts", ["UniswapV3Factory", "UniswapV3Pool"]),
    ...hardhat("@uniswap/v3-periphery/artifacts/contracts", [
      "SwapRouter",
      "NonfungiblePositionManager",
      "lens/Quoter",
      "lens/TickLens",
    ]),
  ],
  curie: hardhat("@perp/curie-contract/artifacts/contracts", [
    "AccountBalance",
    "BaseToken",
    "ClearingHouse",
    "ClearingHouseConfig",
    "CollateralManager",
    "DelegateApproval",
    "Exchange",
    "InsuranceFund",
    "MarketRegistry",
    "OrderBook",
    "QuoteToken",
    "Vault",
  ]),
  openzeppelin: flat("@openzeppelin/contracts/build/contracts", [
    "AccessManager",
    "ERC1967Proxy",
    "ERC2771Forwarder",
    "ProxyAdmin",
    "TimelockController",
    "TransparentUpgradeableProxy",
    "UpgradeableBeacon",
    "BeaconProxy",
    "VestingWallet",
  ]),
  safe: hardhat("@safe-global/safe-smart-account/build/artifacts/contracts", [
    "Safe",
    "SafeL2",
    "proxies/SafeProxyFactory",
    "libraries/MultiSend",
    "libraries/CreateCall",
    "handler/CompatibilityFallbackHandler",
    "accessors/SimulateTxAccessor",
  ]),
  testudo: forge([
    "BountyVault",
    "BridgeGuard",
    "CircuitBreaker",
    "FlowLimiter",
    "GuardianCouncil",
    "InsuranceFund",
    "LatencyBuffer",
    "MarginCalibrator",
    "OracleAggregator",
    "ReferencePerp",
    "RiskSteward",
    "SelectorBreaker",
    "Timelock",
    "Tranche",
  ]),
};

/** Groups of artifacts by name. What was not built or installed is left out. */
export function readArtifactGroups() {
  return Object.entries(groups).map(([name, files]) => ({
    name,
    artifacts: files.filter(existsSync).map(readArtifact),
  }));
}

/** Compilers lay their output out in three ways. */
function readArtifact(file) {
  const json = JSON.parse(readFileSync(file, "utf8"));
  const code = (field) => {
    const text = json[field]?.object ?? json[field] ?? json.evm?.[field]?.object ?? "";
    return text.startsWith("0x") ? text : `0x${text}`;
  };
  return {
    name: basename(file, ".json"),
    abi: json.abi,
    bytecode: code("bytecode"),
    deployedBytecode: code("deployedBytecode"),
  };
}
