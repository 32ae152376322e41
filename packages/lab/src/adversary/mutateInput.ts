import { type Place, readPlace, writePlace, writeWord } from "./Place.ts";
import { type Sources, sampleLeaf } from "./sampleCall.ts";

/** Changes one to four values of call data in place. */
export function mutateInput(input: Uint8Array, places: readonly Place[], sources: Sources): void {
  const { chance } = sources;
  if (places.length === 0) return;
  const changes = 1 << chance.below(3);
  for (let i = 0; i < changes; i++) changePlace(input, chance.pick(places), places, sources);
}

function changePlace(input: Uint8Array, place: Place, places: readonly Place[], sources: Sources): void {
  const { chance } = sources;
  // A contract has to refuse a value wider than its type.
  if (chance.once(256)) writeWord(input, place.at, BigInt.asUintN(256, -1n) >> BigInt(chance.below(256)));
  else writePlace(input, place, anotherValue(input, place, places, sources));
}

function anotherValue(input: Uint8Array, place: Place, places: readonly Place[], sources: Sources): bigint {
  const { chance, dictionary } = sources;
  if (place.kind === "bool" || place.kind === "address") return sampleLeaf(place, sources);
  switch (chance.below(6)) {
    case 0:
      return readPlace(input, place) + step(sources);
    case 1:
      return readPlace(input, chance.pick(places));
    case 2:
      return readPlace(input, place) ^ (1n << BigInt(chance.below(place.bits)));
    case 3:
      return scaled(readPlace(input, place), sources);
    case 4:
      return dictionary.pick(chance);
    default:
      return sampleLeaf(place, sources);
  }
}

function step({ chance }: Sources): bigint {
  const size = BigInt(1 + chance.below(16));
  return chance.once(2) ? size : -size;
}

function scaled(value: bigint, { chance }: Sources): bigint {
  const by = BigInt(2 + chance.below(9));
  return chance.once(2) ? value * by : value / by;
}
