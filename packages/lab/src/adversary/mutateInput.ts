import { type Place, readPlace, writePlace, writeWord } from "./Place.ts";
import { type Sources, writeSample } from "./sampleCall.ts";
import { addSmall, copyValue, divideSmall, flipBit, isNegative, multiplySmall } from "./valueBytes.ts";

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
  else if (place.kind === "bool" || place.kind === "address") writeSample(input, place, sources);
  else changeNumber(input, place, places, sources);
}

function changeNumber(input: Uint8Array, place: Place, places: readonly Place[], sources: Sources): void {
  const { chance, dictionary } = sources;
  switch (chance.below(6)) {
    case 0:
      addSmall(input, place, step(sources));
      break;
    case 1:
      copyValue(input, place, input, chance.pick(places));
      break;
    case 2:
      flipBit(input, place, chance.below(place.bits));
      break;
    case 3:
      scale(input, place, sources);
      break;
    case 4:
      copyValue(input, place, dictionary.bytes, dictionary.pickPlace(chance));
      break;
    default:
      writeSample(input, place, sources);
  }
}

function step({ chance }: Sources): number {
  const size = 1 + chance.below(16);
  return chance.once(2) ? size : -size;
}

function scale(input: Uint8Array, place: Place, { chance }: Sources): void {
  const by = 2 + chance.below(9);
  if (chance.once(2)) multiplySmall(input, place, by);
  else if (isNegative(input, place)) writePlace(input, place, readPlace(input, place) / BigInt(by));
  else divideSmall(input, place, by);
}
