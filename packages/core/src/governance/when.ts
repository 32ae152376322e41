import type { ActionPlan, PausePlan } from "../model/Action.ts";
import type { Finding } from "../model/Finding.ts";
import type { Address, Hex } from "../model/Hex.ts";
import { isDetectorNamed, type Playbook } from "../model/Playbook.ts";
import { functionSelector } from "../model/signatureHash.ts";
import { playbookVersion } from "./playbookVersion.ts";

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
  const matches = (findings: readonly Finding[], lastSeen = (finding: Finding) => finding.blockNumber) => {
    const first = findings.filter((finding) => isDetectorNamed(finding.detector, detector));
    if (and === undefined) return first.length > 0;
    const second = findings.filter((finding) => isDetectorNamed(finding.detector, and));
    return first.some((a) => second.some((b) => distance(lastSeen(a), lastSeen(b)) <= blocks));
  };
  return {
    respond: (...plans) => {
      if (plans.length === 0) throw new WhenMalformed("An answer plans nothing.", "Name what to do, such as pause(…).");
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

/**
 * A pause of `functions` of `target`, each by its selector or written as in Solidity, for `durationSeconds` (default six hours). Throws `WhenMalformed`.
 */
export function pause(target: Address, functions: readonly string[], durationSeconds = sixHours): PausePlan {
  if (!/^0x[0-9a-f]{40}$/i.test(target))
    throw new WhenMalformed(`"${target}" is no address.`, "Allowed: 0x and 40 digits.");
  if (functions.length === 0) throw new WhenMalformed(`A pause of ${target} names no function.`, "Name one or more.");
  if (!Number.isInteger(durationSeconds) || durationSeconds < 1)
    throw new WhenMalformed(`A pause of ${target} lasts ${durationSeconds} s.`, "Allowed: whole seconds, 1 or more.");
  return {
    type: "pause",
    target: target.toLowerCase() as Address,
    selectors: [...new Set(functions.map(toSelector))],
    durationSeconds,
  };
}

function distance(a: bigint, b: bigint): bigint {
  return a < b ? b - a : a - b;
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
  const [, types] = /^[A-Za-z_$][\w$]*\((.*)\)$/.exec(text) ?? [];
  if (types !== undefined && isList(types)) return functionSelector(text);
  throw new WhenMalformed(
    `"${text}" is no function.`,
    'Allowed: a selector, or the signature with full types and without spaces, such as "withdraw(uint256)".',
  );
}

/** Whether `text` is a list of types as a selector is taken of: of `uint` or `uint08` the hash is another, which no function has. */
function isList(text: string): boolean {
  return text === "" || splitTop(text).every(isType);
}

function isType(text: string): boolean {
  const bare = text.replace(/(?:\[(?:[1-9]\d*)?\])+$/, "");
  if (bare.startsWith("(") && bare.endsWith(")")) return isList(bare.slice(1, -1));
  const [, base, size] = /^(u?int|bytes|address|bool|string|function)((?:[1-9]\d*)?)$/.exec(bare) ?? [];
  if (base === undefined) return false;
  if (base === "bytes") return size === "" || Number(size) <= 32;
  if (base.endsWith("int")) return Number(size) % 8 === 0 && Number(size) >= 8 && Number(size) <= 256;
  return size === "";
}

/** `text` cut at its commas outside of parentheses; where those do not pair off, at a place that makes no type. */
function splitTop(text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const char of text) {
    if (char === "(") depth += 1;
    if (char === ")") depth -= 1;
    if (depth < 0) return [")"];
    if (char === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += char;
  }
  return depth === 0 ? parts : ["("];
}

/** What was written about an answer cannot be meant. Not retryable. */
export class WhenMalformed extends Error {
  override readonly name = "WhenMalformed";
  constructor(what: string, allowed: string) {
    super(`${what}\n- ${allowed}\n- Correct it in the playbook.`);
  }
}
