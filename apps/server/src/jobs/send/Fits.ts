// Other bytes for prices that do not fit. Whoever names others each time has bytes stored, and looked for from then on, ever more seldom.
import { fitFees, fitFunds, type Leased, type LeaseOptions, type SendCommand } from "./leaseBytes.ts";
import { SenderUnfunded } from "./offerFees.ts";

/** Fits the bytes of one action to what nodes take, over one sending. */
export interface Fits {
  /** Where nobody takes `leased`. Throws SenderUnfunded. */
  toAll(leased: Leased): Promise<void>;
  /** Where most refuse what another says that it took, or as many do. */
  toOthers(leased: Leased, refusedBy: "most" | "half"): Promise<void>;
}

// A price that nobody takes is fitted at once, and the next one after twice as long each time.
const firstWaitMs = 1_000;
const longestWaitMs = 60_000;

/** Makes it for `command`. */
export function makeFits(options: LeaseOptions, command: SendCommand): Fits {
  let [dueAtMs, waitMs] = [0, firstWaitMs];
  const fit = async (work: () => Promise<boolean>): Promise<void> => {
    if (performance.now() < dueAtMs || !(await work())) return;
    dueAtMs = performance.now() + waitMs;
    waitMs = Math.min(longestWaitMs, waitMs * 2);
  };
  return {
    toAll: (leased) => fit(() => fitFees(options, command, leased)),
    async toOthers(leased, refusedBy) {
      try {
        await fit(() => (refusedBy === "most" ? fitFees : fitFunds)(options, command, leased));
      } catch (error) {
        // It is out by one node's word, and would be told as dropped and as out in turns.
        if (!(error instanceof SenderUnfunded)) throw error;
      }
    },
  };
}
