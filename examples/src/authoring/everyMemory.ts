import { defineDetector } from "testudo";

/** One of each kind of memory, over the withdrawals of a vault: what to copy from. */
export const everyMemory = defineDetector({
  id: "every-memory",
  version: "1.0.0",
  kind: "anomaly",
  owner: "risk",
  runbook: "RUNBOOK.md#it-paged",
  contracts: { Vault: { abi: ["event Withdraw(address indexed user, uint256 amount)"] } },
  setup(app) {
    app.on("Vault:Withdraw", (c) => {
      const { user, amount } = c.event.args;
      const size = Number(amount);
      const habit = c.ewma("size", 0.94).add(size);
      const usual = c.quantile("size", { spanSeconds: 30 * 86_400 }).add(size);
      const run = c.cusum("size", { target: 50, slack: 10 }).add(size);
      const times = c.counter("times", user).add();
      const users = c.table<bigint>("users", { limit: 3, keep: "1d" });
      users.set(user, (users.get(user) ?? 0n) + amount);
      c.finding({
        severity: "info",
        evidence: {
          ...(habit === undefined ? {} : { z: habit.z }),
          median: usual.at(0.5) ?? null,
          run: run.sum,
          since: run.since,
          times,
          users: users.entries().map(([address, sum]) => [address, sum]),
        },
      });
    });
    app.block({ every: 4 }, (c) =>
      c.invariant("even-hours", c.block.ref.number % 8n === 0n, { at: c.block.ref.number }),
    );
  },
});
