import { defineConfig } from "vitest/config";

// Files that start no process which outlives them and change nothing of their own. They share a worker and with it the
// modules that are loaded: half of what a short file costs is loading them.
const shared = [
  "packages/{core,chain,evm}/src/**/*.test.ts",
  // That one has a package away which others have loaded.
  "packages/lab/src/**/!(startEdr).test.ts",
  "examples/src/{authoring,capsules,curie,deployments,derivatives,incidents,judged,patch,reference}/**/*.test.ts",
  "apps/server/src/{api,author,backtest,branch,config,deliver,deploy,detect,drill,forensics,interop,jobs,keystore,observe,operator,preblock,raid,report,rules,store,watch}/**/*.test.ts",
];

const limits = {
  pool: "forks",
  // Real nodes and databases start in these tests; on a busy machine of two cores that takes its time.
  testTimeout: 300_000,
  hookTimeout: 300_000,
} as const;

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...limits,
          name: "alone",
          include: ["{packages,apps}/*/src/**/*.test.ts", "examples/src/**/*.test.ts", "scripts/*.test.ts"],
          exclude: shared,
        },
      },
      { test: { ...limits, name: "shared", include: shared, isolate: false } },
    ],
  },
});
