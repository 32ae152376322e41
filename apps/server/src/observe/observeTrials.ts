import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Command } from "@testudo/core/model/Output";
import type { Metrics } from "./Metrics.ts";

/** Measures trials on the fork by both ends of their way: the command that asks, the input that answers. */
export function observeTrials({ simDuration }: Metrics) {
  const begun = new Map<Hex, number>();
  return {
    begin(command: Command): void {
      if (command.kind === "simulate") begun.set(command.action.id, performance.now());
    },
    end(input: Input): void {
      if (input.kind !== "simulation") return;
      const since = begun.get(input.action);
      begun.delete(input.action);
      if (since !== undefined) simDuration.observe((performance.now() - since) / 1_000);
    },
  };
}
