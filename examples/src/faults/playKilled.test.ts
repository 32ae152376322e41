import { beforeAll, expect, test } from "vitest";
import { differenceOf, faultsOf } from "./faultsOf.ts";
import { planKills, words } from "./planKills.ts";
import { playKilled } from "./playKilled.ts";
import type { PlayReport } from "./readReport.ts";

// The long run is `npm run soak`.
const seed = 5;
const kills = 3;
let killed: PlayReport;
let whole: PlayReport;

beforeAll(async () => {
  [killed, whole] = await Promise.all([playKilled({ seed, kills }), playKilled({ seed, kills: 0 })]);
});

test("RESP-10: a defender killed three times on the way loses nothing and does nothing twice", () => {
  expect(killed.kills).toHaveLength(kills);
  expect(killed.starts).toBe(kills + 1);
  expect(faultsOf(killed)).toEqual([]);
  expect(killed.pauses.map(({ tripped }) => tripped.length).sort()).toEqual([3, 4]);
});

test("FIND-02: whoever is killed tells of the same findings as who is not", () => {
  expect(faultsOf(whole)).toEqual([]);
  expect(differenceOf(killed, whole)).toEqual([]);
  expect(whole.notices.filter(({ topic }) => topic === "finding").length).toBeGreaterThan(0);
});

test("behavior: what is lost or done twice is seen", () => {
  const [pause] = whole.pauses;
  expect(faultsOf({ ...whole, nonce: whole.nonce + 1 })).toHaveLength(1);
  expect(faultsOf({ ...whole, lossUsd: 100_000 })).toEqual(["100000 USD were lost"]);
  expect(faultsOf({ ...whole, pauses: [...whole.pauses, pause!] })).not.toEqual([]);
  expect(
    faultsOf({ ...whole, receiver: { ...whole.receiver, accepted: whole.receiver.accepted.slice(1) } }),
  ).toHaveLength(1);
  expect(faultsOf({ ...whole, outbox: { sent: whole.notices.length - 1, pending: 1 } })).toHaveLength(1);
  expect(differenceOf({ ...whole, notices: whole.notices.slice(1) }, whole)).not.toEqual([]);
});

test("behavior: a seed plans the same kills again, and ten of them hit every step", () => {
  expect(planKills(7, 10, 18)).toEqual(planKills(7, 10, 18));
  const hit = planKills(7, 10, 18).flatMap((kill) => (kill.at === "word" ? kill.word : []));
  expect(hit.sort()).toEqual([...words].sort());
});
