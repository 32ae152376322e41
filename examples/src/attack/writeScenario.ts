import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Address } from "@testudo/core/model/Hex";
import { writeCapsule } from "@testudo/lab/record/writeCapsule";
import { formatUnits } from "viem/utils";
import type { NaiveScenario } from "./naiveScenarios.ts";

/** Where a scenario's state is: in its capsule, or behind a node. */
export type StatePlace = { readonly capsule: string } | { readonly rpc: string; readonly block?: number };

/** Writes a scenario as `testudo attack --config` reads it, with its files beside it; gives its path. */
export function writeScenario(
  folder: string,
  { capsule, scenario }: NaiveScenario,
  victim: Address,
  place: StatePlace = { capsule: "state.capsule.json.gz" },
): string {
  mkdirSync(folder, { recursive: true });
  if ("capsule" in place) writeFileSync(join(folder, place.capsule), writeCapsule(capsule));
  const contracts = scenario.contracts.map(({ name, address, abi }) => {
    writeFileSync(join(folder, `${name}.abi.json`), JSON.stringify(abi));
    return { name, address, abi: `${name}.abi.json` };
  });
  const assets = scenario.assets.map(({ name, token, decimals, priceWad, capital }) => ({
    name,
    token,
    decimals,
    price: formatUnits(priceWad, 18),
    capital: formatUnits(capital, decimals),
  }));
  const powers = scenario.powers.map(({ costWad, ...power }) => ({ ...power, cost: formatUnits(costWad, 18) }));
  const figures = scenario.figures.map(({ breaks, ...figure }) => ({
    ...figure,
    ...("above" in breaks ? { above: String(breaks.above) } : { below: String(breaks.below) }),
  }));
  const { accounts, keys, guardians, addresses, words, mostSeconds } = scenario;
  const path = join(folder, "scenario.json");
  const rest = { accounts, keys, guardians, addresses, words, mostSeconds, least: "100" };
  writeFileSync(path, JSON.stringify({ ...place, victim, contracts, assets, powers, figures, ...rest }));
  return path;
}
