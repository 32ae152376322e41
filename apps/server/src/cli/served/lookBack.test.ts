import { expect, test } from "vitest";
import { lookBack, pageSize } from "./lookBack.ts";

const shelf = (count: number) => {
  const asked: (number | undefined)[] = [];
  const list = async (before = count + 1) => {
    asked.push(before);
    return Array.from({ length: Math.min(pageSize, before - 1) }, (_, i) => ({ seq: before - 1 - i }));
  };
  return { asked, list };
};

test("FIND-08: what lies below a flood of newer ones is found, and no page more is asked for", async () => {
  const { asked, list } = shelf(2_600);
  const found = await lookBack(list, (all) => all.some(({ seq }) => seq === 1_500));
  expect(found.some(({ seq }) => seq === 1_500)).toBe(true);
  expect(asked).toEqual([2_601, 2_101, 1_601]);
});

test("what is not there ends with the last page", async () => {
  const { asked, list } = shelf(1_000);
  expect(await lookBack(list, () => false)).toHaveLength(1_000);
  expect(asked).toHaveLength(3);
});
