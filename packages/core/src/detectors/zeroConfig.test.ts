import { expect, test } from "vitest";
import { zeroConfigDetectors } from "./zeroConfig.ts";

test("ASSET-06: the set needs no settings, and every detector has a runbook and an owner", () => {
  const set = zeroConfigDetectors();
  expect(set.map((d) => d.meta.id)).toMatchInlineSnapshot(`
    [
      "asset-drain",
      "outflow",
      "flash-loan",
      "reentrancy",
      "impact-then-use",
      "admin-change",
    ]
  `);
  expect(set.every((d) => d.meta.runbook !== "" && d.meta.owner !== "")).toBe(true);
  expect(new Set(set.map((d) => d.meta.id)).size).toBe(set.length);
  expect(set.some((d) => d.meta.class === "damage") && set.some((d) => d.meta.class === "anomaly")).toBe(true);
});
