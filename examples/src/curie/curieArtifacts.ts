import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { compile } from "@testudo/contracts/compile";
import type { Abi, Hex } from "viem";

/** What a deployment needs of a compiled contract. */
export type Build = { readonly abi: Abi; readonly bytecode: Hex };

const require = createRequire(import.meta.url);
const cache = new Map<string, Build>();

/** The compiled contract `name` of Curie, read from its npm package: never copied, as it is under the GPL. */
export function curieBuild(name: string): Build {
  return readBuild(`@perp/curie-contract/artifacts/contracts/${name}.sol/${name}.json`);
}

/** The compiled contract `name` of Uniswap v3's core, read from its npm package. */
export function uniswapBuild(name: "UniswapV3Factory" | "UniswapV3Pool"): Build {
  return readBuild(`@uniswap/v3-core/artifacts/contracts/${name}.sol/${name}.json`);
}

/** The drill's own mock `name`, compiled from `contracts/` beside this source. */
export function mockBuild(name: "MockUsdc" | "ThinSpotMarket" | "SpotPriceFeed"): Build {
  const found = cache.get(name);
  if (found) return found;
  // The sources stay in src/ when this file runs from dist/.
  const file = fileURLToPath(new URL(`../../src/curie/contracts/${name}.sol`, import.meta.url));
  const build = compile([file])[name]!;
  cache.set(name, build);
  return build;
}

function readBuild(path: string): Build {
  const found = cache.get(path);
  if (found) return found;
  const build = JSON.parse(readFileSync(require.resolve(path), "utf8")) as Build;
  cache.set(path, build);
  return build;
}
