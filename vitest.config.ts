import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{packages,apps}/*/src/**/*.test.ts", "examples/src/**/*.test.ts", "scripts/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    // Real nodes and databases start in these tests; on a busy machine of two cores that takes its time.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
