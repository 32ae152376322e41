import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folders = ["packages/core/src", "apps/server/src", "examples/src"];

// Number in the catalogue, id, where it stands, and a piece of the name of the test that fires it and of the one that does not.
// `corpus`: a row of the incident corpus has to be told by it, and its twin is the look-alike.
const catalogue: readonly (readonly [number, string, string, string, string])[] = [
  [1, "flash-loan", "detectFlashLoan", "corpus", "a look-alike: a plain withdrawal without a loan"],
  [2, "oracle-deviation", "detectOracleDeviation", "corpus", "CAT-01 look-alike: a price within the limit"],
  [3, "oracle-stale", "detectOracleStale", "a feed that has stopped is told", "look-alike: a calm feed"],
  [4, "oracle-writer", "detectOracleWriter", "corpus", "CAT-01 look-alike: the keeper is known"],
  [5, "impact-then-use", "detectImpactThenUse", "corpus", "a smaller move, a use before it, or a move by strangers"],
  [6, "looped-borrow", "detectLoopedBorrow", "corpus", "three rounds of deposit and borrow are told, two are not"],
  [
    7,
    "collateral-jump",
    "detectCollateralJump",
    "a fall of one account that neither price",
    "a move with the price is none",
  ],
  [8, "outflow", "detectOutflow", "corpus", "CAT-01 look-alike: 1 % an hour"],
  [9, "liq-cascade", "detectLiqCascade", "corpus", "within a minute is told, the same over an hour is not"],
  [10, "order-flow", "detectOrderFlow", "takers of one side are told", "takers by chance are not"],
  [11, "skew-oi", "detectSkewOi", "corpus", "one side in few hands is high, many on both sides nothing"],
  [12, "funding", "detectFunding", "corpus", "a rate out of its habit is told, one within it is not"],
  [
    13,
    "exec-vs-mark",
    "detectExecVsMark",
    "corpus",
    "a fill better than the independent price allows is told, a worse one never",
  ],
  [
    14,
    "flash-vote",
    "detectFlashVote",
    "votes that were lent an hour before the snapshot are high",
    "those of an old holder nothing",
  ],
  [
    15,
    "bad-proposal",
    "detectBadProposal",
    "a proposal that would empty the treasury is critical",
    "look-alike: a grant of a hundredth",
  ],
  [16, "admin-change", "detectAdminChange", "corpus", "a contract that is set up in its own creation raises nothing"],
  [
    17,
    "suspicious-deploy",
    "detectSuspiciousDeploy",
    "a contract with our address and a flash loan",
    "look-alike: an integration by an old account",
  ],
  [18, "reentrancy", "detectReentrancy", "corpus", "look-alikes raise nothing: inner calls of the set"],
  [19, "share-inflation", "detectShareInflation", "corpus", "look-alike: deposits, withdrawals and a day's yield"],
  [20, "bridge-unbacked", "detectBridgeUnbacked", "corpus", "look-alike: what is locked and minted later"],
  [
    21,
    "oracle-frontrun",
    "detectOracleFrontrun",
    "who buys right before the update",
    "look-alike: traders around an update",
  ],
  [
    22,
    "approval-phish",
    "detectApprovalPhish",
    "five owners who approve an account without code",
    "CAT-01 look-alikes",
  ],
  [23, "invariant", "invariant", "corpus", "tells exactly when the predicate does not hold"],
  [24, "unseen-path", "detectUnseenPath", "corpus", "look-alike: what others do, by anybody"],
  [25, "volume", "detectVolume", "an hour of twenty times its habit", "look-alike: the same habit goes on"],
  [
    26,
    "composite",
    "detectComposite",
    "findings of addresses that money ties become one alert",
    "pays out to thousands joins nobody",
  ],
  [27, "self-health", "selfHealth", "a missed heartbeat, a skewed clock, an ill detector", "old blocks show nothing"],
];

// Besides the catalogue: the rules that need no configuration.
const others = ["detectAssetDrain", "detectCallTree"];

const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(root, folder, file)),
);
const named = files
  .filter((file) => file.endsWith(".test.ts"))
  .flatMap(
    (file) => readFileSync(file, "utf8").match(/\b(?:test|describe)(?:\.\w+)?(?:\([^"`]*\))?\(\s*["`].*/g) ?? [],
  );
const rows = files.filter((file) => file.includes("/corpus/rows/")).map((file) => readFileSync(file, "utf8"));
const sourceOf = (name: string) => readFileSync(files.find((file) => file.endsWith(`/${name}.ts`))!, "utf8");
const pages = readdirSync(join(root, "docs", "requirements"))
  .map((file) => readFileSync(join(root, "docs", "requirements", file), "utf8"))
  .join("\n");

describe.each(catalogue)("CAT-01: detector %i, %s", (_, id, source, fires, isQuiet) => {
  test("a scenario must fire it", () => {
    if (fires !== "corpus") expect(named.filter((name) => name.includes(fires))).not.toEqual([]);
    else expect(rows.some((row) => /mustFire: \[([^\]]*)\]/.exec(row)![1]!.includes(`"${id}"`))).toBe(true);
  });

  test("a look-alike must not", () => {
    expect(named.filter((name) => name.includes(isQuiet))).not.toEqual([]);
  });

  test("how it is evaded is written down, in its source or under its heading", () => {
    const heading = pages.split(/^## /m).find((section) => section.startsWith(id)) ?? "";
    expect(/evasion|evaded/i.test(sourceOf(source) + heading)).toBe(true);
  });
});

test("CAT-01: no detector stands outside the catalogue", () => {
  const all = files.map((file) => /\/detectors\/(detect\w+)\.ts$/.exec(file)?.[1]).filter((name) => name !== undefined);
  const known = [...catalogue.map(([, , source]) => source), ...others];
  expect(all.filter((name) => !known.includes(name))).toEqual([]);
  expect(catalogue.map(([number]) => number)).toEqual(Array.from({ length: 27 }, (_, i) => i + 1));
});
