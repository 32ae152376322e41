import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { checkLayers } from "./layers.mjs";

const root = join(import.meta.dirname, "..");
const layers = JSON.parse(readFileSync(join(root, "layers.json"), "utf8"));

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Faults of a tree of these files under the project's own rules. */
function faultsOf(files: { readonly [path: string]: string }): string[] {
  const folder = mkdtempSync(join(tmpdir(), "testudo-layers-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return checkLayers(folder, layers);
}

const core = "packages/core/src";

test("every import of the project keeps to layers.json", () => {
  expect(checkLayers(root, layers)).toEqual([]);
});

test("what is allowed raises no fault", () => {
  expect(
    faultsOf({
      [`${core}/model/Finding.ts`]: 'export type Finding = { id: string };\nimport { z } from "zod";\nz.string();',
      [`${core}/detectors/detectDrain.ts`]:
        'import type { Finding } from "../model/Finding.ts";\nexport const a: Finding[] = [];',
      [`${core}/detectors/detectDrain.test.ts`]:
        'import "vitest";\nimport "./detectDrain.ts";\nimport "./detectLoan.ts";\nimport "./outflow/legs.ts";',
      [`${core}/detectors/detectOutflow.ts`]: 'import { legs } from "./outflow/legs.ts";\nexport const c = legs;',
      [`${core}/detectors/outflow/legs.ts`]: 'import { net } from "./net.ts";\nexport const legs = net;',
      [`${core}/detectors/outflow/net.ts`]: "export const net = 1;",
      [`${core}/detectors/detectLoan.ts`]: "export const b = 1;",
      [`${core}/detectors/zeroConfig.ts`]: 'import "./detectDrain.ts";\nimport "./detectLoan.ts";',
      [`${core}/pipeline.ts`]: 'import "./detectors/zeroConfig.ts";',
      "packages/chain/src/state/readState.ts": 'import "@testudo/core/model/Finding";\nimport "viem";',
      "examples/src/play.ts": 'import "testudo/drill/Scenario";\nimport "@testudo/contracts";',
    }),
  ).toEqual([]);
});

test.each([
  ["core", "testudo", `${core}/model/A.ts`],
  ["core", "@testudo/chain/fork/startAnvil", `${core}/model/A.ts`],
  ["chain", "testudo", "packages/chain/src/a.ts"],
  ["chain", "@testudo/examples", "packages/chain/src/a.ts"],
  ["the server", "@testudo/examples/curie/drill", "apps/server/src/a.ts"],
])("finds that %s imports %s", (_, target, path) => {
  expect(faultsOf({ [path]: `import { x } from "${target}";\nx();` })).toEqual([
    expect.stringMatching(new RegExp(`^${path} imports ${target}: .* may not know `)),
  ]);
});

test.each([
  ["a type import", 'import type { X } from "testudo";\nexport type Y = X;'],
  ["a type named in a plain import", 'import { type X } from "testudo";\nexport type Y = X;'],
  ["a type that is passed on", 'export type { X } from "testudo";'],
  ["everything passed on", 'export * from "testudo";'],
  ["a type in an expression", 'export type Y = import("testudo").X;'],
  ["an import at run time", 'export const load = () => import("testudo");'],
  ["an import for its effect", 'import "testudo";'],
])("finds a forbidden import in the form of %s", (_, text) => {
  expect(faultsOf({ [`${core}/model/A.ts`]: text })).toEqual([
    `${core}/model/A.ts imports testudo: @testudo/core may not know testudo`,
  ]);
});

test("finds a package that core may not use, unless a test uses it", () => {
  expect(
    faultsOf({ [`${core}/model/A.ts`]: 'import "viem";', [`${core}/model/A.test.ts`]: 'import "fast-check";' }),
  ).toEqual([`${core}/model/A.ts imports viem: @testudo/core uses only @noble/hashes, canonicalize, zod`]);
});

test("finds core's modules of Node: core is pure", () => {
  expect(
    faultsOf({ [`${core}/model/A.ts`]: 'import { readFileSync } from "node:fs";\nreadFileSync("x");' }),
  ).toHaveLength(1);
});

test.each([
  ["model", "governance"],
  ["math", "model"],
  ["governance", "detectors"],
  ["detectors", "pipeline"],
])("finds that core's %s imports %s", (from, to) => {
  const target = to === "pipeline" ? "../pipeline.ts" : `../${to}/b.ts`;
  const other = to === "pipeline" ? `${core}/pipeline.ts` : `${core}/${to}/b.ts`;
  expect(
    faultsOf({
      [`${core}/${from}/a.ts`]: `import type { B } from "${target}";\nexport type A = B;`,
      [other]: "export type B = 1;",
    }),
  ).toEqual([`${core}/${from}/a.ts imports ${other}: ${from} may not know ${to}`]);
});

test("finds that a lower part of chain imports a higher one or a testkit, which its tests may", () => {
  const chain = "packages/chain/src";
  const text = 'import "../stream/watchBlocks.ts";\nimport "../testkit/fakeChain.testkit.ts";';
  expect(faultsOf({ [`${chain}/wire/parseBlock.ts`]: text, [`${chain}/wire/parseBlock.test.ts`]: text })).toEqual([
    `${chain}/wire/parseBlock.ts imports ${chain}/stream/watchBlocks.ts: wire may not know stream`,
    `${chain}/wire/parseBlock.ts imports ${chain}/testkit/fakeChain.testkit.ts: wire may not know testkit`,
  ]);
});

test("finds a detector that imports another, for a type too", () => {
  const files = {
    [`${core}/detectors/detectDrain.ts`]: 'import type { B } from "./detectLoan.ts";\nexport type A = B;',
    [`${core}/detectors/detectLoan.ts`]: "export type B = 1;",
  };
  expect(faultsOf(files)).toEqual([
    `${core}/detectors/detectDrain.ts imports ${core}/detectors/detectLoan.ts: detectors do not import each other`,
  ]);
});

test.each([
  ["a detector", `${core}/detectors/detectDrain.ts`, "./detectLoan.ts", `${core}/detectors/detectLoan.ts`],
  ["a detector", `${core}/detectors/detectDrain.ts`, "./invariant.ts", `${core}/detectors/invariant.ts`],
  ["a part of another", `${core}/detectors/drain/judge.ts`, "../detectLoan.ts", `${core}/detectors/detectLoan.ts`],
  ["a part of another", `${core}/detectors/drain/judge.ts`, "../invariant.ts", `${core}/detectors/invariant.ts`],
])("finds that %s imports a detector: %s, %s", (_, file, target, to) => {
  expect(faultsOf({ [file]: `import { x } from "${target}";\nx();`, [to]: "export const x = () => 1;" })).toEqual([
    `${file} imports ${to}: detectors do not import each other`,
  ]);
});

test.each([
  ["another detector", `${core}/detectors/detectDrain.ts`, "./loan/sum.ts"],
  ["a part of another detector", `${core}/detectors/drain/judge.ts`, "../loan/sum.ts"],
  ["the list of detectors", `${core}/detectors/zeroConfig.ts`, "./loan/sum.ts"],
  ["the pipeline", `${core}/pipeline.ts`, "./detectors/loan/sum.ts"],
])("finds that %s imports a part of a detector", (_, file, target) => {
  const part = `${core}/detectors/loan/sum.ts`;
  expect(
    faultsOf({ [file]: `import type { S } from "${target}";\nexport type T = S;`, [part]: "export type S = 1;" }),
  ).toEqual([`${file} imports ${part}: only loan may know its parts`]);
});

test("finds that another package imports a part of a detector", () => {
  const [file, target] = ["apps/server/src/a.ts", "@testudo/core/detectors/loan/sum"];
  expect(faultsOf({ [file]: `import "${target}";\nimport "@testudo/core/detectors/detectLoan";` })).toEqual([
    `${file} imports ${target}: only loan may know its parts`,
  ]);
});

test("finds a file that reaches into another package's folder", () => {
  const files = {
    "packages/chain/src/a.ts": 'import "../../core/src/model/A.ts";',
    [`${core}/model/A.ts`]: "export const a = 1;",
  };
  expect(faultsOf(files)).toEqual([
    `packages/chain/src/a.ts reaches into ${core}/model/A.ts: import the package instead`,
  ]);
});

test("finds a circle of three files, though one link is only a type", () => {
  const files = {
    [`${core}/model/A.ts`]: 'import { b } from "./B.ts";\nexport const a = b;',
    [`${core}/model/B.ts`]: 'import { c } from "./C.ts";\nexport const b = c;',
    [`${core}/model/C.ts`]: 'import type { a } from "./A.ts";\nexport const c = 1 as unknown as typeof a;',
  };
  const [a, b, c] = ["A", "B", "C"].map((name) => `${core}/model/${name}.ts`);
  expect(faultsOf(files)).toEqual([`circle: ${[a, b, c, a].join(" → ")}`]);
});

test("finds a file that imports itself", () => {
  const a = `${core}/model/A.ts`;
  expect(faultsOf({ [a]: 'import type { A } from "./A.ts";\nexport type A = 1;' })).toEqual([`circle: ${a} → ${a}`]);
});
