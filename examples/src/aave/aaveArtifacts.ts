import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { compile } from "@testudo/contracts/compile";
import type { Abi, Address, Hex } from "viem";
import type { Build } from "../curie/curieArtifacts.ts";

const require = createRequire(import.meta.url);

/** Where a contract of Aave v3's package stands. */
const folders = {
  Pool: "protocol/pool",
  PoolConfigurator: "protocol/pool",
  DefaultReserveInterestRateStrategy: "protocol/pool",
  PoolAddressesProvider: "protocol/configuration",
  ACLManager: "protocol/configuration",
  AToken: "protocol/tokenization",
  StableDebtToken: "protocol/tokenization",
  VariableDebtToken: "protocol/tokenization",
  AaveOracle: "misc",
  BorrowLogic: "protocol/libraries/logic",
  BridgeLogic: "protocol/libraries/logic",
  ConfiguratorLogic: "protocol/libraries/logic",
  EModeLogic: "protocol/libraries/logic",
  FlashLoanLogic: "protocol/libraries/logic",
  LiquidationLogic: "protocol/libraries/logic",
  PoolLogic: "protocol/libraries/logic",
  SupplyLogic: "protocol/libraries/logic",
} as const;

export type AaveContract = keyof typeof folders;

/** Addresses of deployed libraries by their names. */
export type Libraries = { readonly [name: string]: Address };

type Artifact = Build & {
  readonly linkReferences: {
    readonly [file: string]: { readonly [library: string]: readonly { readonly start: number }[] };
  };
};

/** What can be called at `name` of Aave v3. */
export function aaveAbi(name: AaveContract): Abi {
  return artifactOf(name).abi;
}

/** The compiled contract `name` of Aave v3, read from its npm package and never copied, with its libraries' addresses put in. */
export function aaveBuild(name: AaveContract, libraries: Libraries = {}): Build {
  const { abi, bytecode, linkReferences } = artifactOf(name);
  const places = Object.values(linkReferences).flatMap((file) => Object.entries(file));
  const linked = places.reduce((code, [library, spots]) => link(code, libraries[library], library, spots), bytecode);
  return { abi, bytecode: linked };
}

function artifactOf(name: AaveContract): Artifact {
  const path = `@aave/core-v3/artifacts/contracts/${folders[name]}/${name}.sol/${name}.json`;
  return JSON.parse(readFileSync(require.resolve(path), "utf8")) as Artifact;
}

function link(
  code: Hex,
  address: Address | undefined,
  library: string,
  spots: readonly { readonly start: number }[],
): Hex {
  if (address === undefined) throw new TypeError(`Library ${library} is not deployed.`);
  return spots.reduce((linked, { start }) => {
    const at = 2 + 2 * start;
    return `${linked.slice(0, at)}${address.slice(2).toLowerCase()}${linked.slice(at + 40)}` as Hex;
  }, code);
}

let own: ReturnType<typeof compile> | undefined;

/** The example's own contract `name`, compiled from `contracts/` beside this source. */
export function ownBuild(name: "SpotAnswer" | "AggregatorAnswer" | "FixedAnswer" | "AaveAttack"): Build {
  // The sources stay in src/ when this file runs from dist/.
  const at = (file: string) => fileURLToPath(new URL(`../../src/aave/contracts/${file}.sol`, import.meta.url));
  own ??= compile(["Answers", "AaveAttack"].map(at));
  return own[name]!;
}
