import { defineDetector } from "testudo";

const about = { version: "1.0.0", kind: "anomaly", owner: "risk", runbook: "RUNBOOK.md#it-paged" } as const;
const abi = ["function withdraw(uint256 shares)", "function sharePrice() view returns (uint256)"] as const;
// No price is less than nothing.
const locked = -1n;

/** Whoever called a vault in the middle of a call of it met a price that was right neither before nor after. */
export const readOnlyReentrancy = defineDetector({
  ...about,
  id: "read-only-reentrancy",
  contracts: { Vault: { abi } },
  defaults: { maxBps: 50 },
  setup: (app) =>
    app.trace("Vault.*", (c) => {
      if (!c.frame.reenters()) return;
      const price = c.read.Vault.sharePrice;
      const [before, within, after] = c.together(
        () => price({ at: { beforeTx: c.tx.hash } }),
        () => price({ at: { beforeCall: c.frame.id }, exact: true, or: locked }),
        () => price({ at: { afterTx: c.tx.hash } }),
      );
      if (within === locked) return;
      const [low, high] = before < after ? [before, after] : [after, before];
      const off = within > high ? within - high : low - within;
      if (off * 10_000n > low * BigInt(c.p.maxBps))
        c.finding({ severity: "high", evidence: { before, within, after } });
    }),
});
