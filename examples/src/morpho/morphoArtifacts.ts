import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { compile, compileWith, settings } from "@testudo/contracts/compile";
import type { Build } from "../curie/curieArtifacts.ts";

const require = createRequire(import.meta.url);

// The optimiser's runs of Morpho's own foundry.toml; Morpho.sol is written for solc 0.8.19 and its code generator from IR.
const morphoSettings = {
  ...settings,
  optimizer: { enabled: true, runs: 999_999 },
  viaIR: true,
  evmVersion: "paris",
};

/**
 * Morpho Blue and the rate model of its npm package, whose sources are compiled where they lie: never copied, as they are
 * not under our licence. The first time takes about 40 s; then the result is read from `.cache/`.
 */
export function morphoBuild(name: "Morpho" | "IrmMock"): Build {
  const folder = "@morpho-org/morpho-blue/src";
  const files = [`${folder}/Morpho.sol`, `${folder}/mocks/IrmMock.sol`].map((path) => require.resolve(path));
  return compileWith("solc-0.8.19", morphoSettings, files)[name]!;
}

type OwnContract = "Coin" | "SpotPool" | "SpotOracle" | "SpotSource" | "PushFeed" | "LendingDesk" | "SpotAttack";

let own: ReturnType<typeof compile> | undefined;

/** The example's own contract `name`, compiled from `contracts/` beside this source. */
export function ownBuild(name: OwnContract): Build {
  // The sources stay in src/ when this file runs from dist/.
  const at = (file: string) => fileURLToPath(new URL(`../../src/morpho/contracts/${file}.sol`, import.meta.url));
  own ??= compile(["Coin", "SpotPool", "PushFeed", "LendingDesk", "SpotAttack"].map(at));
  return own[name]!;
}
