import { expect, test } from "vitest";
// @ts-expect-error a script without types
import { functionNames, mutantsOf, mutate } from "./mutants/mutantsOf.mjs";
// @ts-expect-error a script without types
import { parseSource } from "./mutants/parseSource.mjs";
// @ts-expect-error a script without types
import { outdated, reportOf, unjudged } from "./mutants/reportOf.mjs";
// @ts-expect-error a script without types
import { sampleOf } from "./mutants/sampleOf.mjs";
// @ts-expect-error a script without types
import { stagesOf } from "./mutants/testsOf.mjs";

interface Mutant {
  readonly id: string;
  readonly module: string;
  readonly file: string;
  readonly line: number;
  readonly operator: string;
  readonly guards: string;
  readonly start: number;
  readonly end: number;
  readonly before: string;
  readonly after: string;
}

const file = "contracts/src/Small.sol";
const small = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {A} from "./a <= b.sol"; // a < b, emit Done(1); ≤
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @dev Refuses \`x > MAX\`; if (x > 1) revert Small_Bad();
contract Small {
    address public immutable council;
    address public immutable timelock;
    uint256 private constant MAX_TIME = 3 days;
    uint256 private constant HEALTH_GAS = 10_000;

    modifier onlyWith(address caller) {
        if (msg.sender != caller) revert Small_No(msg.sender);
        _;
    }

    function set(uint256 x) external onlyWith(timelock) {
        _requireTime(x);
        /* if (x < 2) revert Small_Bad(); */
        emit Done(unicode"x >= 1; emit Done(); ≤", x);
        if (x == 0) {
            revert Small_Zero(msg.sender);
        }
        if (x > 1) revert Small_Bad(); else x = 2;
    }

    function isOwn() external view returns (bool) {
        return msg.sender == council;
    }

    function shareUp(uint256 x) internal pure returns (uint256) {
        assembly { x := lt(x, 3) }
        return Math.mulDiv(x, 2, 3, Math.Rounding.Ceil) + Math.ceilDiv(x, 7) + Math.mulDiv(x, 1, 3) + x / 9;
    }

    function shareDown(uint256 x) internal pure returns (uint256) { return shareUp(x); }

    function onlyUp(uint256 x) internal pure returns (uint256) { return onlyUp(x); }

    function _requireTime(uint256 time) private pure {
        if (time > MAX_TIME) revert Small_Time(time);
    }
}
`;
const names = functionNames([small]);
const mutants: readonly Mutant[] = mutantsOf(file, small, names);

/** The changes that `operator` makes to the small source. */
function changes(operator: string): string[] {
  return mutants
    .filter((mutant) => mutant.operator === operator)
    .map(({ line, guards, before, after }) => `${line} ${guards}: ${before.replace(/\s+/g, " ")} → ${after}`);
}

test("TEST-02: every operator finds its lines, and none is found in comments, strings, imports or assembly", () => {
  expect(changes("comparison")).toMatchInlineSnapshot(`
    [
      "15 access:  !=  →  == ",
      "23 other:  ==  →  != ",
      "26 other:  >  →  <= ",
      "30 access:  ==  →  != ",
      "43 limit:  >  →  <= ",
    ]
  `);
  expect(changes("boundary")).toMatchInlineSnapshot(`
    [
      "11 limit: 3 days → (3 days) + 1",
      "11 limit: 3 days → (3 days) - 1",
      "26 other:  >  →  >= ",
      "43 limit:  >  →  >= ",
    ]
  `);
  expect(changes("check")).toMatchInlineSnapshot(`
    [
      "15 access: if (msg.sender != caller) revert Small_No(msg.sender); → {}",
      "19 access: onlyWith(timelock) → ",
      "20 limit: _requireTime(x); → {}",
      "23 other: if (x == 0) { revert Small_Zero(msg.sender); } → {}",
      "43 limit: if (time > MAX_TIME) revert Small_Time(time); → {}",
    ]
  `);
  expect(changes("rounding")).toMatchInlineSnapshot(`
    [
      "35 other: Ceil → Floor",
      "35 other: Math.ceilDiv(x, 7) → ((x) / (7))",
      "35 other: ) → , Math.Rounding.Ceil)",
      "35 other: x / 9 → (((x) + (9) - 1) / (9))",
      "38 other: shareUp → shareDown",
    ]
  `);
  expect(changes("event")).toMatchInlineSnapshot(`
    [
      "22 other: emit Done(unicode"x >= 1; emit Done(); ≤", x); → {}",
    ]
  `);
  expect(changes("role")).toMatchInlineSnapshot(`
    [
      "19 access: timelock → council",
      "30 access: council → timelock",
    ]
  `);
});

test("TEST-02: each mutant differs from the source in one place, and is Solidity still", () => {
  for (const mutant of mutants) {
    const broken: string = mutate(small, mutant);
    const bytes = Buffer.from(small);
    expect(broken).not.toBe(small);
    expect(bytes.subarray(mutant.start, mutant.end).toString()).toBe(mutant.before);
    expect(broken.startsWith(bytes.subarray(0, mutant.start).toString())).toBe(true);
    expect(broken.endsWith(bytes.subarray(mutant.end).toString())).toBe(true);
    expect(() => parseSource(broken), broken).not.toThrow();
  }
});

test("TEST-02: an id stays when lines move, is given once, and changes with what the line says", () => {
  const ids = mutants.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const moved: readonly Mutant[] = mutantsOf(
    file,
    small.replace("contract Small", "\n// more\n\ncontract Small"),
    names,
  );
  expect(moved.map(({ id }) => id)).toEqual(ids);
  expect(moved[0]?.line).toBe((mutants[0]?.line ?? 0) + 3);
  const changed: readonly Mutant[] = mutantsOf(file, small.replace("3 days", "4 days"), names);
  expect(changed.filter(({ id }) => !ids.includes(id)).length).toBe(2);
  const twice = small.replace(
    "if (x == 0) {",
    "if (x == 0) revert Small_Bad();\n        if (x == 0) revert Small_Bad();\n{",
  );
  expect(new Set(mutantsOf(file, twice, names).map(({ id }: Mutant) => id)).size).toBeGreaterThan(ids.length);
});

test("TEST-02: tests are those that reach the source by imports, nearest first, and more of them where few notice nothing", () => {
  const of = (path: string, ...targets: string[]): [string, string] => [
    `contracts/${path}`,
    targets.map((target) => `import {X} from "${target}";\n`).join(""),
  ];
  const texts = new Map([
    of("src/A.sol", "./libraries/L.sol"),
    of("src/B.sol", "./libraries/L.sol"),
    of("src/libraries/L.sol"),
    of("test/ASetup.t.sol", "../src/A.sol"),
    of("test/unit/A.t.sol", "../../src/A.sol", "../ASetup.t.sol"),
    of("test/unit/AMore.t.sol", "../ASetup.t.sol"),
    of("test/unit/AAlso.t.sol", "../../src/A.sol"),
    of("test/unit/B.t.sol", "../../src/B.sol"),
    of("src/C.sol", "./libraries/L.sol"),
    of("test/CBase.t.sol", "../src/C.sol"),
    of("test/CSetup.t.sol", "./CBase.t.sol"),
    of("test/unit/C.t.sol", "../CSetup.t.sol"),
    of("test/gas/AGas.t.sol", "../../src/A.sol"),
    of("test/differential/A.t.sol", "../../src/A.sol"),
    of("test/invariant/A.t.sol", "../../src/A.sol"),
    of("test/invariant/All.t.sol", "../ASetup.t.sol"),
  ]);
  const at = (name: string) => `contracts/test/${name}.t.sol`;
  const paths = (file: string) => stagesOf(file, texts).map((stage: { paths: readonly string[] }) => stage.paths);
  expect(paths("contracts/src/A.sol")).toEqual([
    [at("unit/A")],
    [at("unit/A"), at("unit/AAlso"), at("unit/AMore"), at("differential/A"), at("invariant/A")],
    [at("unit/A")],
  ]);
  expect(paths("contracts/src/libraries/L.sol")).toEqual([
    [at("unit/A"), at("unit/AAlso"), at("unit/B")],
    // C is far by its imports, and has the name of what uses the library.
    [
      at("unit/A"),
      at("unit/AAlso"),
      at("unit/B"),
      at("unit/C"),
      at("unit/AMore"),
      at("differential/A"),
      at("invariant/A"),
    ],
    [at("unit/A"), at("unit/AAlso"), at("unit/B")],
  ]);
});

test("TEST-02: a sample takes access lines, limits and the rest in turn, and grows without losing any", () => {
  const ids = (count: number, seed: string) => sampleOf(mutants, count, seed).map(({ id }: Mutant) => id);
  const guards = sampleOf(mutants, 6, "1").map((mutant: Mutant) => mutant.guards);
  expect(guards).toEqual(["access", "limit", "other", "access", "limit", "other"]);
  expect(ids(12, "1").slice(0, 5)).toEqual(ids(5, "1"));
  expect(ids(12, "1")).not.toEqual(ids(12, "2"));
  expect(ids(10_000, "1").toSorted()).toEqual(mutants.map(({ id }) => id).toSorted());
});

test("TEST-02: the report counts outcomes and shows each survivor with its judgement", () => {
  const [first, second, third] = mutants as [Mutant, Mutant, Mutant];
  const results = new Map([
    [first.id, "survived"],
    [second.id, "killed"],
    [third.id, "uncompiled"],
  ]);
  const judgements = new Map([[first.id, { verdict: "equivalent", why: "Nobody sees it." }]]);
  const report: string = reportOf(mutants, results, judgements);
  expect(report).toContain(`Of ${mutants.length} mutants 3 were run: 1 killed, 1 survived`);
  expect(report).toContain(`| Small | ${mutants.length} | 3 | 1 | 1 | 1 | 50.0 % |`);
  expect(report).toContain(`| Small.sol:${first.line} |`);
  expect(report).toContain("**equivalent** Nobody sees it.");
  expect(unjudged(mutants, results, judgements)).toEqual([]);
});

test.each([
  ["none", undefined],
  ["of no known word", { verdict: "fine", why: "It is." }],
  ["without a reason", { verdict: "todo", why: "" }],
])("TEST-02: a survivor whose judgement is %s counts as not judged", (_, judgement) => {
  const [first] = mutants as [Mutant];
  const judgements = new Map(judgement ? [[first.id, judgement]] : []);
  expect(unjudged(mutants, new Map([[first.id, "survived"]]), judgements)).toEqual([first]);
  expect(outdated(mutants, new Map([...judgements, ["Gone-check-1", judgement]]))).toEqual(["Gone-check-1"]);
});
