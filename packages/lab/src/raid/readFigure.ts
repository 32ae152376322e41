import type { EvmRead } from "@testudo/core/model/Evm";
import { type Hex, wordAt } from "@testudo/core/model/Hex";
import type { Figure } from "./Scenario.ts";

/** The question that an engine is asked for a figure: as the search has it, the native balance where nothing is asked. */
export function readOfFigure({ to, input }: Figure): EvmRead {
  return input === "0x" ? { kind: "balance", address: to } : { kind: "call", to, data: input };
}

/** The figure in an engine's answer; as the search reads it, nothing where there is none. */
export function figureIn({ word }: Figure, answer: Hex | null): bigint {
  return answer === null ? 0n : (wordAt(answer, word) ?? 0n);
}
