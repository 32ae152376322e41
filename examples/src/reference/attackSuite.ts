import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "@testudo/contracts/compile";
import type { Abi, Hex } from "viem";

/** What a deployment needs of a compiled contract. */
export type Build = { readonly abi: Abi; readonly bytecode: Hex };

/** An attack of the contracts' own suite: `name` as its file, `NN_Name`, `contract` as its contract. */
export type SuiteEntry = { readonly name: string; readonly contract: string };

// The sources stay where the contracts' own tests play them, in and out of dist/.
const folder = fileURLToPath(new URL("../../../contracts/test/incidents/", import.meta.url));
const worlds = ["HardenedWorld", "RateWorld", "NaiveWorld", "Signers"];
// What the naive world and those beside it are made of.
const naive = ["NaiveWorld", "Governors", "FeeTreasury", "FirstReveal"];
let builds: Record<string, Build> | undefined;
let naiveBuilds: Record<string, Build> | undefined;

/** Every attack, in order of its number. */
export function listAttacks(): readonly SuiteEntry[] {
  return readdirSync(folder)
    .flatMap((file): SuiteEntry[] => {
      const [, name, contract] = /^(\d\d_(\w+))\.sol$/.exec(file) ?? [];
      return name && contract ? [{ name, contract }] : [];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The compiled contract: a world, or an attack. Compiles the whole suite once, two minutes without a cache. */
export function suiteBuild(contract: string): Build {
  builds ??= compile([...worlds.map(fileOfWorld), ...listAttacks().map(({ name }) => join(folder, `${name}.sol`))]);
  return builds[contract]!;
}

/** The compiled contract of the naive world, which takes a sixth of the time of all of the suite. */
export function naiveBuild(contract: string): Build {
  naiveBuilds ??= compile(naive.map(fileOfWorld));
  return naiveBuilds[contract]!;
}

function fileOfWorld(name: string): string {
  return join(folder, "worlds", `${name}.sol`);
}
