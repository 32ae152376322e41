// The accounts that play our side on a copy. Their addresses are hashes, so that nobody of the chain has them.
import { createdAddress } from "@testudo/core/model/createdAddress";
import type { Address } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";

const named = (name: string): Address => `0x${hashOf(`testudo/patch/${name}`).slice(-40)}`;

export const deployer = named("deployer");
/** Sets rules, as a program that is registered for the selector. */
export const program = named("program");
export const council = named("council");
/** Asks properties, and makes what it asks them by. */
export const examiner = named("examiner");
export const timelock = named("timelock");
/** What the deployer makes first. */
export const breaker = createdAddress(deployer, 0);
/** Any code that holds none of a gate's selectors. */
export const blank = named("blank");

/** Where the code of `victim` lies once a gate stands in its place. */
export function implementationOf(victim: Address): Address {
  return named(`implementation/${victim}`);
}
