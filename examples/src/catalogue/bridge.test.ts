import { fetchBundle } from "@testudo/chain/block/fetchBundle";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openStateReader } from "@testudo/chain/state/readState";
import { remoteReads } from "@testudo/chain/state/remoteReads";
import { detectBridgeUnbacked } from "@testudo/core/detectors/detectBridgeUnbacked";
import { useDetector } from "@testudo/core/model/Detector";
import type { Address } from "@testudo/core/model/Hex";
import { openState } from "@testudo/core/pipeline";
import { erc20Abi } from "viem";
import { encodeFunctionData } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { judgeBundle, type Watch } from "../judged/judgeBundle.ts";
import { type CatalogueStage, openCatalogueStage } from "./catalogueStage.testkit.ts";

// A lock on one chain, a mint on another; the watch is on the side of the lock, where KelpDAO was drained in April 2026.
const [escrow, user, thief] = ["07", "03", "02"].map((n) => `0x${n.repeat(20)}` as Address) as [
  Address,
  Address,
  Address,
];
let home: CatalogueStage;
let away: CatalogueStage;
let [money, wrapped]: Address[] = [];
let watch: Watch;

beforeAll(async () => {
  [home, away] = await Promise.all([openCatalogueStage(), openCatalogueStage({ chainId: 10 })]);
  money = await home.deploy("Money");
  wrapped = await away.deploy("Money");
  await home.mine([home.call(user, money, "Money", "mint", [user, 10_000n])]);
  const supply = encodeFunctionData({ abi: erc20Abi, functionName: "totalSupply" });
  const held = encodeFunctionData({ abi: erc20Abi, functionName: "balanceOf", args: [escrow] });
  const route = {
    name: "wrapped",
    subject: escrow,
    locked: { to: money, data: held, decimals: 18, word: 0 },
    minted: { to: wrapped, data: supply, decimals: 18, word: 0, chainId: 10 },
    lagSeconds: 600,
  };
  const detectors = [useDetector(detectBridgeUnbacked, { routes: [route] })];
  const program = { chainId: 31_337, watched: [escrow], detectors, playbooks: [], policy: null };
  watch = { program, state: openState() };
});
afterAll(async () => {
  await home?.close();
  await away?.close();
});

let judged = 2n;
/** Judges the next block of the home chain with what stands on the other one now. */
async function judge(): Promise<string[]> {
  const [node, remote] = [home, away].map(({ url }) => openEndpoint(url));
  try {
    judged += 1n;
    const reader = remoteReads(openStateReader([node!]), new Map([[10, [remote!]]]));
    const findings = await judgeBundle(watch, await fetchBundle(node!, judged, ["X", "L"]), reader);
    return findings.filter((f) => f.detector === "bridge-unbacked").map((f) => `${f.severity} ${f.evidence.kind}`);
  } finally {
    node!.close();
    remote!.close();
  }
}
const lock = (amount: bigint) => home.mine([home.call(user, money!, "Money", "transfer", [escrow, amount])], 60);
const mint = (amount: bigint) => away.mine([away.call(user, wrapped!, "Money", "mint", [user, amount])]);
const release = (amount: bigint) => home.mine([home.call(escrow, money!, "Money", "transfer", [thief, amount])], 60);

test("CAT-01 look-alike: what is locked and minted later, in any order of looking, raises nothing", async () => {
  await lock(1_000n);
  expect(await judge()).toEqual([]);
  await mint(1_000n);
  await lock(500n);
  expect(await judge()).toEqual([]);
  await mint(500n);
  await home.mine([], 60);
  expect(await judge()).toEqual([]);
});

test("CAT-01: a release that nobody burnt for is high in its block, and critical when nothing can be on its way any more", async () => {
  await release(400n);
  expect(await judge()).toEqual(["high excess"]);
  await home.mine([], 300);
  // The same again is counted on the finding that is open.
  expect(await judge()).toEqual([]);
  await home.mine([], 360);
  expect(await judge()).toEqual(["critical unbacked"]);
});
