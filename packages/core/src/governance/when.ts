import type { ActionPlan } from "../model/Action.ts";
import type { Finding } from "../model/Finding.ts";
import { isDetectorNamed, type Playbook } from "../model/Playbook.ts";
import { PlaybookMalformed } from "./PlaybookMalformed.ts";
import { playbookVersion } from "./playbookVersion.ts";

/** What has to come together. Detectors go by their ids, an invariant by its name or as `solvent:violated`. */
export interface Together {
  /** A second detector, which has to tell of something too. */
  readonly and?: string;
  /** How far apart the two may lie. Default: as far as findings of one incident do. */
  readonly within?: `${number} block${"" | "s"}`;
}

/**
 * Names what an answer is for; `respond` makes the playbook that gives it. Whether it is allowed the policy decides, and what
 * software may send on its own the gate. Throws `PlaybookMalformed`.
 *
 * @example
 * when("outflow", { and: "solvent", within: "2 blocks" }).respond(pause(vault, ["withdraw(uint256)"]))
 */
export function when(
  detector: string,
  together: Together = {},
): {
  respond(...plans: readonly ActionPlan[]): Playbook;
} {
  const and = together.and?.replace(/:violated$/, "");
  const blocks = blocksOf(together.within);
  assertName(detector);
  if (and !== undefined) assertName(and);
  const matches = (findings: readonly Finding[], lastSeen = (finding: Finding) => finding.blockNumber) => {
    const first = findings.filter((finding) => isDetectorNamed(finding.detector, detector));
    if (and === undefined) return first.length > 0;
    const second = findings.filter((finding) => isDetectorNamed(finding.detector, and));
    return first.some((a) => second.some((b) => distance(lastSeen(a), lastSeen(b)) <= blocks));
  };
  return {
    respond: (...plans) => {
      if (plans.length === 0)
        throw new PlaybookMalformed("An answer plans nothing.", "Name what to do, such as pause(…).");
      return {
        id: ["when", detector, ...(and === undefined ? [] : [and])].join("-"),
        version: playbookVersion({ blocks, plans }),
        detectors: [detector, ...(and === undefined ? [] : [and])],
        matches: (_, findings, lastSeen) => matches(findings, lastSeen),
        plan: () => plans,
      };
    },
  };
}

function distance(a: bigint, b: bigint): bigint {
  return a < b ? b - a : a - b;
}

function blocksOf(within: string | undefined): bigint {
  if (within === undefined) return BigInt(Number.MAX_SAFE_INTEGER);
  const [, blocks] = /^(\d{1,6}) blocks?$/.exec(within) ?? [];
  if (blocks !== undefined) return BigInt(blocks);
  throw new PlaybookMalformed(`"${within}" is no distance.`, 'Allowed: a number of blocks, such as "2 blocks".');
}

function assertName(name: string): void {
  if (/^[a-z0-9][a-z0-9-]{0,99}$/.test(name)) return;
  throw new PlaybookMalformed(`"${name}" is no detector's id.`, "Allowed: small letters, digits and hyphens.");
}
