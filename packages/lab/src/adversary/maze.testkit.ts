// Contracts that are mazes, made from a seed: a call moves one field on, and each field hides an assertion behind a row of
// conditions on the call's arguments, some of which nothing fulfils. The kind of task is that of Daedaluzz
// (Wüstholz, "Benchmarking smart-contract fuzzers", Consensys Diligence, 2023).
import type { Chance } from "./Chance.ts";

const size = 7;
const parameters = 8;
const mostConditions = 16;
const largest = 64;
const moves = [
  { name: "moveNorth", guard: `y + 1 < ${size}`, move: "y = y + 1;" },
  { name: "moveSouth", guard: "y > 0", move: "y = y - 1;" },
  { name: "moveEast", guard: `x + 1 < ${size}`, move: "x = x + 1;" },
  { name: "moveWest", guard: "x > 0", move: "x = x - 1;" },
];

/** Solidity of a maze, whose contract is named Maze. */
export function mazeOf(chance: Chance): string {
  const declared = Array.from({ length: parameters }, (_, i) => `uint64 p${i}`).join(", ");
  const passed = Array.from({ length: parameters }, (_, i) => `p${i}`).join(", ");
  const fields: string[] = [];
  for (let x = 0; x < size; x++)
    for (let y = 0; y < size; y++)
      fields.push(`      if (x == ${x} && y == ${y}) {\n${fieldOf(x, y, chance)}\n      }`);
  return [
    "pragma solidity ^0.8.19;",
    "contract Maze {",
    "  event AssertionFailed(string message);",
    "  uint64 private x;",
    "  uint64 private y;",
    ...moves.map(
      ({ name, guard, move }) =>
        `  function ${name}(${declared}) external payable returns (int64) { require(${guard}); ${move} return step(${passed}); }`,
    ),
    `  function step(${declared}) internal returns (int64) {`,
    "    unchecked {",
    ...fields,
    "      return -1;",
    "    }",
    "  }",
    "}",
  ].join("\n");
}

function fieldOf(x: number, y: number, chance: Chance): string {
  const number = x * size + y;
  if (number === 0) return "        return 0;";
  const depth = chance.below(mostConditions + 1);
  if (depth < 2) return "        require(false);";
  const conditions = Array.from({ length: depth }, () => `if (${conditionOf(chance)}) {`).join(" ");
  return `        ${conditions}\n          emit AssertionFailed("${x},${y}"); assert(false);\n        ${"}".repeat(depth)}\n        return ${number};`;
}

function conditionOf(chance: Chance): string {
  const parameter = () => `p${chance.below(parameters)}`;
  const constant = () => `uint64(${chance.below(largest + 1)})`;
  const right = chance.pick([
    constant,
    parameter,
    () => `uint64(${constant()} + ${parameter()})`,
    () => `uint64(${parameter()} + ${parameter()})`,
    () => `uint64(${constant()} * ${parameter()})`,
    () => `uint64(${parameter()} * ${parameter()})`,
  ])();
  return `${parameter()} ${chance.pick(["<", ">", "<=", ">=", "==", "!="])} ${right}`;
}
