import type { Attack } from "./Attack.testkit.ts";
import { attacksOnCode } from "./attacksOnCode.testkit.ts";
import { attacksOnMemory } from "./attacksOnMemory.testkit.ts";
import { attacksOnPrecompiles } from "./attacksOnPrecompiles.testkit.ts";
import { attacksOnState } from "./attacksOnState.testkit.ts";

/** All that are written by hand. */
export const attacks: readonly Attack[] = [
  ...attacksOnMemory,
  ...attacksOnCode,
  ...attacksOnState,
  ...attacksOnPrecompiles,
];
