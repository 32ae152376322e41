import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import type { DetectContext, DetectorUse } from "@testudo/core/model/Detector";
import type { Address } from "@testudo/core/model/Hex";
import type { Program } from "@testudo/core/model/Program";

/** What the program has to know. */
export interface ReplayParams {
  readonly chainId: number;
  readonly watched: Address;
}

/** Payments to the watched address from so much on are told, in wei. */
export const loudFrom = 5n * 10n ** 18n;
const busyFrom = 25n * 10n ** 18n;

/** A detector of single transactions, one of what came in over a minute, a counter, and the zero-configuration set. */
export function createProgram({ chainId, watched }: ReplayParams): Program {
  return {
    chainId,
    watched: [watched],
    detectors: [
      useOf("loud", (c) => {
        for (const { tx } of c.txs)
          if (tx.to === watched && tx.value >= loudFrom) tell(c, watched, `${tx.hash} pays ${tx.value}.`, tx.hash);
      }),
      useOf("busy", (c) => {
        const paid = c.txs.reduce((sum, { tx }) => sum + (tx.to === watched ? tx.value : 0n), 0n);
        const within = c.memory.window("paid", 60, paid);
        if (within >= busyFrom) tell(c, watched, `${within} within a minute.`);
      }),
      useOf("counter", ({ memory }) => void memory.count("blocks")),
      ...zeroConfigDetectors(),
    ],
    playbooks: [],
    policy: null,
  };
}

function tell(c: DetectContext<unknown>, subject: Address, reason: string, txHash?: `0x${string}`): void {
  const about = txHash === undefined ? { key: ["busy"] } : { key: [txHash], txHash };
  c.finding({ severity: "high", reason, subject, score: 1, evidence: {}, ...about });
}

function useOf(id: string, detect: (c: DetectContext<unknown>) => void): DetectorUse {
  const meta = {
    id,
    version: "1.0.0",
    class: "anomaly" as const,
    needs: { all: ["X" as const] },
    finality: 3,
    runbook: "none",
    owner: "test",
  };
  return { meta, detect, settings: {} };
}
