import type { Hex } from "@testudo/core/model/Hex";
import { expect, test } from "vitest";
import { findMeant, type Shelf } from "./sayOfFindings.ts";

const id = (digits: string): Hex => `0x${digits.padEnd(64, "0")}`;
const finding = (own: string, key: string) => ({
  seq: 1,
  finding: { id: id(own), dedupKey: id(key), detector: "drain", reason: "" },
});
const incident = (own: string, ...findings: readonly string[]) => ({
  seq: 1,
  incident: { incident: id(own), findings: findings.map(id) },
});

const shelf: Shelf = {
  findings: async () => [
    finding("a1", "aaaaaaaa1"),
    finding("a2", "aaaaaaaa1"),
    finding("b1", "bbbbbbbb1"),
    finding("b2", "bbbbbbbb2"),
    finding("cccccccc1", "c1"),
    finding("d1", "dddddddd1"),
    finding("e1", "e2"),
    finding("f1", "f2"),
  ],
  incidents: async () => [incident("dddddddd2", "b1"), incident("eeeeeeee1", "e1"), incident("eeeeeeee2", "f1")],
};
const meant = async (given: string) =>
  (await findMeant(given, () => true, shelf)).map(({ id: own }) => own.replace(/^0x|0+$/g, ""));

test("FIND-08: an id means one finding, one alert with all that stands under it, or one incident with all of its findings", async () => {
  expect(await meant("cccccccc")).toEqual(["cccccccc1"]);
  expect(await meant("0xAAAAAAAA")).toEqual(["a1", "a2"]);
  expect(await meant("eeeeeeee1")).toEqual(["e1"]);
});

test.each(["bbbbbbbb", "dddddddd", "eeeeeeee"])("error: %s, which fits two, means none of them", async (given) => {
  await expect(meant(given)).rejects.toThrow(`"${given}" fits 2 findings and incidents.`);
});

test("error: what fits nothing, or is too short, is refused", async () => {
  for (const given of ["99999999", "aaaaaaa", ""]) await expect(meant(given)).rejects.toThrow("There is no finding");
});
