import { SourcesDiffer } from "@testudo/lab/patch/candidateUpgrades";
import { GateRefused } from "@testudo/lab/patch/Gate";
import { AttackerPatched, BenignIdle, NoAttack, NotInCapsule, NoVictim } from "@testudo/lab/patch/NotPlayable";
import { NotProperties } from "@testudo/lab/patch/Property";
import { NotAPatch } from "@testudo/lab/patch/parsePatch";
import { NotInScene } from "@testudo/lab/patch/raidPatched";
import { refusingInput } from "./refusedInput.ts";

// Apart from those of capsules: most commands read one, and few need what patches are made with.
const faults = [
  NotAPatch,
  AttackerPatched,
  BenignIdle,
  NoAttack,
  NotInCapsule,
  NoVictim,
  NotProperties,
  GateRefused,
  SourcesDiffer,
  NotInScene,
];

/** As `refusingInput`, for work on patches. */
export async function refusingPatch<T>(work: () => Promise<T> | T): Promise<T> {
  return refusingInput(work, faults);
}
