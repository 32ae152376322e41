import { withInput } from "../adversary/Call.ts";
import { writePlace } from "../adversary/Place.ts";
import type { Sequence } from "./openForkStage.ts";
import type { Suspect } from "./openLossOracle.ts";

/** The last call with each amount in the place of each of its numbers. */
export function growSuspect(suspect: Suspect, amounts: readonly bigint[]): Sequence[] {
  const state = { calls: suspect.slice(0, -1) };
  const call = suspect.at(-1)!;
  const places = call.places.filter(({ kind, bits }) => kind === "uint" && bits > 32);
  return places.flatMap((place) =>
    amounts.map((amount) => {
      const input = call.input.slice();
      writePlace(input, place, amount);
      return { state, calls: [withInput(call, input)] };
    }),
  );
}
