import type { Address } from "@testudo/core/model/Hex";
import type { Program } from "@testudo/core/model/Program";
import { bigWithdrawal } from "./bigWithdrawal.ts";
import { everyMemory } from "./everyMemory.ts";

/** What the detection thread runs. */
export function createProgram({ chainId, vault }: { chainId: number; vault: Address }): Program {
  return { chainId, watched: [vault], detectors: [bigWithdrawal, everyMemory], playbooks: [], policy: null };
}
