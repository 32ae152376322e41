import type { Hex } from "@testudo/core/model/Hex";
import { expect, test } from "vitest";
import { mayLog } from "./mayLog.ts";

test.each<[Hex, boolean]>([
  ["0x", false],
  // What chains put where they have something built in.
  ["0x01", false],
  ["0xfe", false],
  ["0x60405fa000", true],
  ["0x5f5fa4", true],
  ["0x5f5f5f5f73000000000000000000000000000000000000000f5af4", true],
  ["0x5f5f5f5f5f73000000000000000000000000000000000000000f5af2", true],
  // Within what is pushed.
  ["0x61a0f400", false],
  ["0x7fa0", false],
  [`0xef0100${"11".repeat(20)}`, true],
])("STREAM-21: code %s may log: %s", (code, is) => {
  expect(mayLog(code)).toBe(is);
});
