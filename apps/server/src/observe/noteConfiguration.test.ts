import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import type { Playbook } from "@testudo/core/model/Playbook";
import type { Program } from "@testudo/core/model/Program";
import { afterAll, beforeEach, expect, test } from "vitest";
import type { Store } from "../store/Store.ts";
import { storeFixture } from "../store/storeFolder.testkit.ts";
import { fingerprintsOf, noteConfiguration } from "./noteConfiguration.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);
let store: Store;
beforeEach(async () => {
  store = await fixture.empty();
  return () => store.close();
});

const program: Program = {
  chainId: 1,
  watched: [`0x${"aa".repeat(20)}`],
  detectors: zeroConfigDetectors(),
  playbooks: [],
  policy: null,
};

const pause: Playbook = {
  id: "pause",
  version: "1.0.0",
  matches: () => true,
  plan: () => [],
};

test("SELF-01: what is edited, removed or added since the last start is named, and each once", async () => {
  const started = { ...program, playbooks: [pause] };
  expect(await noteConfiguration(store, fingerprintsOf(started))).toEqual([]);
  // Which detectors run is the pipeline's to tell.
  expect(await noteConfiguration(store, fingerprintsOf({ ...started, detectors: [] }))).toEqual([]);
  const other = { ...program, watched: [...program.watched, `0x${"bb".repeat(20)}` as const] };
  expect(await noteConfiguration(store, { ...fingerprintsOf(other), "channel pager": "1" })).toEqual([
    "channel pager was added",
    "playbook pause was removed",
    "protected was changed",
  ]);
  expect(await noteConfiguration(store, fingerprintsOf(other))).toEqual(["channel pager was removed"]);
});

test("SELF-01: the code of a playbook counts, even under the same id", async () => {
  await noteConfiguration(store, fingerprintsOf({ ...program, playbooks: [pause] }));
  const gutted = { ...pause, matches: () => false };
  expect(await noteConfiguration(store, fingerprintsOf({ ...program, playbooks: [gutted] }))).toEqual([
    "playbook pause was changed",
  ]);
});

test("SELF-01: a fingerprint that was altered in the store is a change", async () => {
  const parts = fingerprintsOf(program);
  await noteConfiguration(store, parts);
  const { value } = await store.db
    .selectFrom("meta")
    .select("value")
    .where("key", "=", "configuration")
    .executeTakeFirstOrThrow();
  const forged = value.replace(parts.policy!, `0x${"00".repeat(32)}`);
  await store.db.updateTable("meta").set({ value: forged }).where("key", "=", "configuration").execute();
  expect(await noteConfiguration(store, parts)).toEqual(["what was kept of the last start was altered from outside"]);
});
