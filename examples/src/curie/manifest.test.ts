import type { AbiFunction } from "viem";
import { toFunctionSelector, toFunctionSignature } from "viem/utils";
import { expect, test } from "vitest";
import { curieBuild } from "./curieArtifacts.ts";
import { clearingHouseManifest, type Manifest, type SelectorClass, vaultManifest } from "./manifest.ts";

const contracts: [string, Manifest][] = [
  ["Vault", vaultManifest],
  ["ClearingHouse", clearingHouseManifest],
];

const signaturesOf = (manifest: Manifest, kind: SelectorClass) =>
  manifest.filter((entry) => entry.class === kind).map((entry) => entry.signature);

test.each(contracts)("INTEG-03: the manifest of %s lists every external function once", (name, manifest) => {
  const functions = curieBuild(name).abi.filter((item): item is AbiFunction => item.type === "function");
  expect(functions.length).toBeGreaterThan(30);
  expect(manifest.map((entry) => entry.signature).sort()).toEqual(functions.map(toFunctionSignature).sort());
  expect(manifest.map((entry) => entry.selector).sort()).toEqual(functions.map(toFunctionSelector).sort());
});

test.each(contracts)("INTEG-03: every view of %s is exempt", (name, manifest) => {
  const isView = (item: AbiFunction) => item.stateMutability === "view" || item.stateMutability === "pure";
  const functions = curieBuild(name).abi.filter((item): item is AbiFunction => item.type === "function");
  const exempt = new Set(signaturesOf(manifest, "exempt"));
  expect(
    functions
      .filter(isView)
      .map(toFunctionSignature)
      .filter((s) => !exempt.has(s)),
  ).toEqual([]);
});

test("INTEG-04: money leaves through four functions, risk grows through three", () => {
  expect(signaturesOf(vaultManifest, "outflow")).toMatchInlineSnapshot(`
    [
      "withdraw(address,uint256)",
      "withdrawAll(address)",
      "withdrawEther(uint256)",
      "withdrawAllEther()",
    ]
  `);
  expect(
    signaturesOf(clearingHouseManifest, "riskIncreasing").map((s) => s.slice(0, s.indexOf("("))),
  ).toMatchInlineSnapshot(`
    [
      "openPosition",
      "openPositionFor",
      "addLiquidity",
    ]
  `);
});

test.each([
  "closePosition",
  "removeLiquidity",
  "liquidate",
  "liquidateCollateral",
  "deposit",
  "depositFor",
  "depositEther",
])("INTEG-04: %s is exempt", (name) => {
  const found = [...vaultManifest, ...clearingHouseManifest].filter((e) => e.signature.startsWith(`${name}(`));
  expect(found.length).toBeGreaterThan(0);
  expect(new Set(found.map((entry) => entry.class))).toEqual(new Set(["exempt"]));
});
