// What is wrong with a capsule that no patch can be tried on.
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { TxRun } from "./TxRun.ts";

/** A capsule does not say which of its transactions are the attack. A fault of the input. */
export class NoAttack extends Error {
  override readonly name = "NoAttack";
  constructor(capsule: string, what: string) {
    super(
      [
        `"${capsule}" holds no attack: of its transactions ${what}.`,
        '- A transaction that a patch has to stop has `"role": "attack"`; all others it must leave as they were.',
        "- Mark them (docs/capsule.md), or name those of the attack: `--attack HASH …`.",
      ].join("\n"),
    );
  }
}

/** Which transaction, and what came of it. */
export function toldOf({ tx, index, status, refusal, detail }: TxRun): string {
  const why = refusal === undefined ? "" : ` as ${refusal} (${detail?.slice(0, 200)})`;
  return `${tx ?? `#${index}`} ${status}${why}`;
}

/** Benign transactions of a capsule do not even run: that they come out as they did would show nothing. A fault of the input. */
export class BenignIdle extends Error {
  override readonly name = "BenignIdle";
  /** The hashes of all that are refused, as far as they have one. */
  readonly txs: readonly Hex[];
  constructor(capsule: string, idle: readonly TxRun[]) {
    super(
      [
        `Of "${capsule}", what is to stay as it was is refused where nobody attacks, without any patch: ${idle.map(toldOf).join(", ")}.`,
        "- It has to run there: a sender with ether for its gas, state that was recorded, gas that the rules allow.",
        "- Correct it, or take it out; what lives on the loot belongs to the attack: `--attack HASH …`.",
      ].join("\n"),
    );
    this.txs = idle.flatMap(({ tx }) => (tx === null ? [] : [tx]));
  }
}

/** Who is named as attacked, or as having lost, is not in the capsule: nothing that he loses could be seen. A fault of the input. */
export class NotInCapsule extends Error {
  override readonly name = "NotInCapsule";
  constructor(capsule: string, who: string) {
    super(
      [
        `"${capsule}" has ${who}.`,
        "- A victim is a contract whose code was recorded; a holder is an account that was.",
        "- Correct the address, or record a capsule that has it.",
      ].join("\n"),
    );
  }
}

/** A patch narrows or replaces a contract of whoever attacks: he makes himself another. A fault of the input. */
export class AttackerPatched extends Error {
  override readonly name = "AttackerPatched";
  constructor(target: Address, victims: readonly Address[]) {
    super(
      [
        `${target} belongs to the attack, or may: it calls it, or made it, and nobody else uses it.`,
        "- A patch that stops an attacker's contract stops nobody who makes another one.",
        `- Patch what he calls; what is attacked as well is named beside the others: \`--victim ${[...victims, target].join(" ")}\`.`,
      ].join("\n"),
    );
  }
}

/** Nobody says which contract the attack is on. A fault of the input. */
export class NoVictim extends Error {
  override readonly name = "NoVictim";
  constructor(capsule: string) {
    super(
      [
        `"${capsule}" does not name its victim.`,
        '- A capsule may have `"victim": "0x…"`.',
        "- Name the contract that is attacked: `--victim 0x…`.",
      ].join("\n"),
    );
  }
}
