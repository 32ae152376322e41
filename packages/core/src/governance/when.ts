import type { ActionPlan, PausePlan } from "../model/Action.ts";
import type { Finding } from "../model/Finding.ts";
import type { Address, Hex } from "../model/Hex.ts";
import { isDetectorNamed, type Playbook } from "../model/Playbook.ts";
import { functionSelector } from "../model/signatureHash.ts";

/** What has to come together. Detectors go by their ids, an invariant by its name or as `solvent:violated`. */
export interface Together {
  /** A second detector, which has to tell of something too. */
  readonly and?: string;
  /** How far apart the two may lie. Default: as far as findings of one incident do. */
  readonly within?: `${number} block${"" | "s"}`;
}

const sixHours = 6 * 3_600;

/**
 * Names what an answer is for; `respond` makes the playbook that gives it. Whether it is allowed the policy decides, and what
 * software may send on its own the gate. Throws `WhenMalformed`.
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
  const matches = (findings: readonly Finding[]) => {
    const first = findings.filter((finding) => isDetectorNamed(finding.detector, detector));
    if (and === undefined) return first.length > 0;
    const second = findings.filter((finding) => isDetectorNamed(finding.detector, and));
    return first.some((a) => second.some((b) => distance(a, b) <= blocks));
  };
  return {
    respond: (...plans) => ({
      id: ["when", detector, ...(and === undefined ? [] : [and])].join("-"),
      version: "1.0.0",
      detectors: [detector, ...(and === undefined ? [] : [and])],
      matches: (_, findings) => matches(findings),
      plan: () => plans,
    }),
  };
}

/**
 * A pause of `functions` of `target`, each by its selector or written as in Solidity, for `durationSeconds` (default six hours). Throws `WhenMalformed`.
 */
export function pause(target: Address, functions: readonly string[], durationSeconds = sixHours): PausePlan {
  if (functions.length === 0) throw new WhenMalformed(`A pause of ${target} names no function.`, "Name one or more.");
  return {
    type: "pause",
    target: target.toLowerCase() as Address,
    selectors: functions.map(toSelector),
    durationSeconds,
  };
}

function distance(a: Finding, b: Finding): bigint {
  const blocks = a.blockNumber - b.blockNumber;
  return blocks < 0n ? -blocks : blocks;
}

function blocksOf(within: string | undefined): bigint {
  if (within === undefined) return BigInt(Number.MAX_SAFE_INTEGER);
  const [, blocks] = /^(\d{1,6}) blocks?$/.exec(within) ?? [];
  if (blocks !== undefined) return BigInt(blocks);
  throw new WhenMalformed(`"${within}" is no distance.`, 'Allowed: a number of blocks, such as "2 blocks".');
}

function assertName(name: string): void {
  if (/^[a-z0-9][a-z0-9-]{0,99}$/.test(name)) return;
  throw new WhenMalformed(`"${name}" is no detector's id.`, "Allowed: small letters, digits and hyphens.");
}

function toSelector(text: string): Hex {
  if (/^0x[0-9a-f]{8}$/i.test(text)) return text.toLowerCase() as Hex;
  const [, types] = /^[A-Za-z_$][\w$]*\(([\w,()[\]]*)\)$/.exec(text) ?? [];
  // Of `uint` the hash is another one, which no function has.
  if (types?.split(/[(),]/).every((type) => type === "" || isCanonical(type))) return functionSelector(text);
  throw new WhenMalformed(
    `"${text}" is no function.`,
    'Allowed: a selector, or the signature with full types and without spaces, such as "withdraw(uint256)".',
  );
}

function isCanonical(type: string): boolean {
  const [, base, size] = /^(u?int|bytes|address|bool|string|function|)(\d*)(?:\[\d*\])*$/.exec(type) ?? [];
  if (base === undefined) return false;
  if (base === "bytes" && size !== "") return Number(size) >= 1 && Number(size) <= 32;
  if (base.endsWith("int")) return Number(size) % 8 === 0 && Number(size) >= 8 && Number(size) <= 256;
  return size === "";
}

/** What was written about an answer cannot be meant. Not retryable. */
export class WhenMalformed extends Error {
  override readonly name = "WhenMalformed";
  constructor(what: string, allowed: string) {
    super(`${what}\n- ${allowed}\n- Correct it in the playbook.`);
  }
}
