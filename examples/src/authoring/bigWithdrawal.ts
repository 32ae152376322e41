import { defineDetector } from "testudo";

const about = { version: "1.0.0", kind: "damage", owner: "risk", runbook: "RUNBOOK.md#it-paged" } as const;
const events = ["event Withdraw(address indexed user, uint256 amount)"] as const;
const views = ["function totalAssets() view returns (uint256)"] as const;

/** More than a fifth of a vault's assets withdrawn within an hour. */
export const bigWithdrawal = defineDetector({
  ...about,
  id: "big-withdrawal",
  contracts: { Vault: { abi: [...events, ...views] } },
  defaults: { maxBps: 2_000 },
  setup: (app) =>
    app.on("Vault:Withdraw", (c) => {
      const out = c.window("out", "1h").add(c.event.args.amount);
      const before = c.read.Vault.totalAssets({ at: "parent" });
      if (out.bps(before) > c.p.maxBps) c.finding({ severity: "critical", evidence: { out: out.sum, before } });
    }),
});
