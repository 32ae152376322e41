// Mazes as both searches want them: a contract for ours, and a project with an invariant that always holds for forge's.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openChance } from "../../packages/lab/dist/adversary/Chance.js";
import { mazeOf } from "../../packages/lab/dist/adversary/maze.testkit.js";

const harness = `
contract MazeTest {
  Maze maze;
  function setUp() external { maze = new Maze(); }
  function invariant_holds() external view { require(address(maze) != address(0)); }
}
`;
const project = `[profile.default]
src = "src"
test = "src"
evm_version = "cancun"
optimizer = true
optimizer_runs = 200
offline = true
isolate = false
[profile.default.invariant]
fail_on_revert = false
show_metrics = false
[lint]
lint_on_build = false
`;

/** Forge ends a run at a failed assertion: where both are measured a field is marked as found instead. */
const marking = (source) =>
  source
    .replace("uint64 private x;", "uint64 private x;\n  mapping(uint256 => bool) public found;")
    .replaceAll(/emit AssertionFailed\("(\d),(\d)"\); assert\(false\);/g, "found[1$1$2] = true; return -1;");

/** Writes the maze of a seed: forge's project, the same contract for ours, and the maze with assertions. */
export function writeMaze(seed) {
  const folder = mkdtempSync(join(tmpdir(), `maze-${seed}-`));
  const source = `// SPDX-License-Identifier: MIT\n${mazeOf(openChance(seed))}\n`;
  mkdirSync(join(folder, "src"));
  writeFileSync(join(folder, "foundry.toml"), project);
  writeFileSync(join(folder, "src", "Maze.t.sol"), marking(source) + harness);
  writeFileSync(join(folder, "Marked.sol"), marking(source));
  writeFileSync(join(folder, "Maze.sol"), source);
  return { folder, file: join(folder, "Maze.sol"), marked: join(folder, "Marked.sol") };
}
