// Upgrades made of the victim's own sources: compiled as they are they have to give the code that stands.
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Capsule } from "../record/Capsule.ts";
import type { Declined, Mended } from "./Mended.ts";
import type { UpgradePatch } from "./Patch.ts";
import type { Baseline } from "./playBaseline.ts";
import { gateSlot, implementationSlot } from "./ruleSlots.ts";
import { type Compiled, type CompileSources, contractWith, type Sources, withImmutables } from "./SolcOutput.ts";
import { mendedSources } from "./sourceTemplates.ts";

/** The victim's sources, and what compiles them as they were compiled. */
export interface SourceInput {
  readonly sources: Sources;
  readonly compile: CompileSources;
}

/** One upgrade to try, and why. */
export interface UpgradeCandidate {
  readonly patch: UpgradePatch;
  readonly why: string;
}

/** A template that made no upgrade of `victim`, and why. */
export interface DeclinedUpgrade extends Declined {
  readonly victim: Address;
}

/** What was made of all sources, and what was not. */
export interface Upgrades {
  readonly candidates: readonly UpgradeCandidate[];
  readonly declined: readonly DeclinedUpgrade[];
}

/** Upgrades of each victim whose code the sources give, one a template and function. Throws `SourcesDiffer`. */
export function candidateUpgrades({ capsule, victims, calls, reenters }: Baseline, input: SourceInput): Upgrades {
  const output = input.compile(input.sources);
  const candidates: UpgradeCandidate[] = [];
  const declined: DeclinedUpgrade[] = [];
  for (const victim of victims) {
    const code = codeBehind(capsule, victim);
    const compiled = output && contractWith(output, code);
    if (compiled === undefined) throw new SourcesDiffer(victim, output === undefined);
    const attacked = calls
      .filter((call) => call.role === "attack" && call.victim === victim)
      .map(({ selector }) => selector);
    const made = mendedSources(compiled, input.sources, [...new Set(attacked)], reenters);
    for (const one of made.declined) declined.push({ victim, ...one });
    for (const mended of made.mended) {
      const { template } = mended;
      const patch = upgradeOf(victim, code, compiled, mended, input.compile);
      if (typeof patch === "string") declined.push({ victim, template, why: patch });
      else candidates.push({ patch, why: `Of a template: ${template}.` });
    }
  }
  return { candidates, declined };
}

/** The upgrade, or why what the template made is none. */
function upgradeOf(
  target: Address,
  code: Hex,
  compiled: Compiled,
  { template, functions, sources, variant }: Mended,
  compile: CompileSources,
): UpgradePatch | string {
  const output = compile(sources);
  const contract = output?.contracts[compiled.unit]?.[compiled.name];
  if (output === undefined || contract === undefined)
    return `the compiler refuses what it makes of ${functions.join(", ")}`;
  const patched = withImmutables({ ...compiled, contract, output }, compiled, code);
  if (patched === undefined) return `what it makes of ${functions.join(", ")} has an immutable that nobody wrote`;
  return {
    kind: "upgrade",
    name: `${template} in ${functions.join(", ")}${variant === undefined ? "" : `, ${variant}`}`.slice(0, 200),
    target,
    code: patched,
    layout: { before: compiled.contract.storageLayout, after: contract.storageLayout },
    abi: { before: compiled.contract.abi, after: contract.abi },
  };
}

/** The victim's code, or that behind it where it is an ERC-1967 proxy or our gate. */
function codeBehind({ accounts }: Capsule, victim: Address): Hex {
  const storage = accounts.get(victim)?.storage;
  // A gate reads its own slot only, so that a recording may hold that alone.
  const word = storage?.get(gateSlot) ?? storage?.get(implementationSlot);
  const behind = word === undefined || BigInt(word) === 0n ? victim : (`0x${word.slice(-40)}` as Address);
  return accounts.get(behind)?.code ?? "0x";
}

/** Sources do not give the code that stands. Not retryable. */
export class SourcesDiffer extends Error {
  override readonly name = "SourcesDiffer";
  constructor(victim: Address, isRefused: boolean) {
    super(
      [
        isRefused ? "The sources do not compile." : `None of the sources' contracts has the code of ${victim}.`,
        "- Sources are solc's standard JSON input, with the settings and the compiler that made the code.",
        "- Take them from where the contract was verified, and install that version of solc; or go without `--sources`.",
      ].join("\n"),
    );
  }
}
