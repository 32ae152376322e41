// Contracts that do at random what gives a call tree its shape. The same seed gives the same contract.
import type { Hex } from "@testudo/core/model/Hex";

/** Creation code of a contract that calls some of `known`, creates, logs, and ends in one of the ways that code can end. */
export function randomContract(seed: number, known: readonly Hex[]): Hex {
  const next = randomFrom(seed);
  const pick = <T>(list: readonly T[]): T => list[next(list.length)]!;
  const steps = Array.from({ length: 1 + next(4) }, () => pick([call, call, call, log, create])(pick, known));
  const runtime = `${steps.join("")}${pick(endings)}`;
  // One in eight fails while it is created.
  return `0x${next(8) === 0 ? pick(failures) : ""}${returning(runtime)}`;
}

type Pick = <T>(list: readonly T[]) => T;

const op = { call: "f1", callcode: "f2", delegatecall: "f4", staticcall: "fa", create: "f0", create2: "f5" };
const failures = ["60086000fd", "fe"];
// Stop, return of a word, revert with a word, invalid, destruction in favour of the caller, an endless loop.
const endings = ["00", "60206000f3", "60206000f3", "60206000fd", "fe", "33ff", "5b6000565b"];

function call(pick: Pick, known: readonly Hex[]): string {
  const kind = pick([op.call, op.call, op.callcode, op.delegatecall, op.staticcall] as const);
  // One unit is there, a thousand are not.
  const value = kind === op.call || kind === op.callcode ? pick(["6000", "6001", "6103e8"]) : "";
  const gas = pick(["62004e20", "61ea60", "5a60011c", "5a"]);
  return `60206000${pick(["6000", "6024"])}6000${value}73${pick(known).slice(2)}${gas}${kind}50`;
}

function log(pick: Pick): string {
  return `60${pick(["01", "02", "03"])}60${pick(["00", "20"])}6000a1`;
}

// Of the 32 bytes at 0: what an earlier call left there, or the beginning of a contract that returns nothing.
function create(pick: Pick): string {
  const code = pick(["60006000f3", "fe", "60006000fd", "33ff"]);
  const store = `7f${code.padEnd(64, "0")}600052`;
  return pick([`${store}602060006000${op.create}50`, `${store}6007602060006000${op.create2}50`]);
}

function returning(runtime: string): string {
  const length = (runtime.length / 2).toString(16).padStart(4, "0");
  return `61${length}600e60003961${length}6000f3${runtime}`;
}

function randomFrom(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % below;
  };
}
