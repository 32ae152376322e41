import { type Place, readPlace } from "../adversary/Place.ts";
import type { Pools } from "./Pools.ts";

/** A number: nothing, one, all, a part of his capital, what somebody compared with, or any of any length. */
export function drawNumber({ kind, bits }: Omit<Place, "at">, { chance, scenario, dictionary }: Pools): bigint {
  const size = ((): bigint => {
    switch (chance.below(8)) {
      case 0:
        return BigInt(chance.below(3));
      case 1:
        return BigInt.asUintN(kind === "int" ? bits - 1 : bits, -1n);
      case 2:
        return BigInt.asUintN(bits, readPlace(dictionary.bytes, dictionary.pickPlace(chance)));
      case 3:
      case 4:
      case 6:
        return chance.pick(scenario.assets).capital >> BigInt(chance.below(12));
      case 5:
        return 10n ** BigInt(chance.below(28)) * BigInt(1 + chance.below(99));
      default:
        return chance.number(bits);
    }
  })();
  return kind === "int" && chance.once(2) ? -BigInt.asIntN(bits, size) : size;
}
