import { expect, test } from "vitest";
import { engineModule } from "./generated/engineModule.ts";

test("EVM-10: the module that is shipped has less than 100,000 bytes, and is WebAssembly", () => {
  const bytes = Buffer.from(engineModule, "base64");
  expect(bytes.length).toBeLessThan(100_000);
  expect(WebAssembly.validate(bytes)).toBe(true);
});
