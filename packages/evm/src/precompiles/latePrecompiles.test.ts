import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { hexOf, numbers } from "./bytes.testkit.ts";

const engine = new URL("../openEngine.ts", import.meta.url);

/** Modules that load with `file`, other packages by their names. Types and what is asked for later load nothing. */
function loadedWith(file: URL, seen = new Set<string>()): Set<string> {
  if (seen.has(file.href)) return seen;
  seen.add(file.href);
  for (const [, from] of readFileSync(file, "utf8").matchAll(
    /^(?:import (?!type )|export |\} )[^;]*?from "([^"]+)";/gm,
  )) {
    if (from!.startsWith(".")) loadedWith(new URL(from!, file), seen);
    else seen.add(from!);
  }
  return seen;
}

test("EVM-10: no library loads with the engine", () => {
  const modules = [...loadedWith(engine)];
  expect(modules.length).toBeGreaterThan(15);
  expect(modules.filter((name) => !name.startsWith("file:"))).toEqual([]);
  expect(modules.filter((name) => /precompiles/.test(name)).map((name) => name.split("/").at(-1))).toEqual([
    "precompilesOf.ts",
  ]);
});

test("EVM-10: a precompiled contract that was never called before is there at once, in a call that does not wait", () => {
  // CallEcrecover0 of the state tests, and the product of no pairings.
  const signed = numbers(
    32,
    0x18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1cn,
    28n,
    0x73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75fn,
    0xeeb940b1d03b21e36b0e47e79769f095fe2ab855bd91e3a38756b7d75a9c4549n,
  );
  const script = `
    const { openEngine } = await import(${JSON.stringify(new URL("../../dist/openEngine.js", import.meta.url).href)});
    const at = (digits) => "0x" + digits.padStart(40, "0");
    const block = { number: 1n, timestamp: 1n, gasLimit: 1n << 40n, baseFeePerGas: 0n, coinbase: at("c0"), prevRandao: 0n, excessBlobGas: 0n };
    const engine = await openEngine({ fork: "prague", chainId: 1n, block });
    const output = (to, input) => Buffer.from(engine.call({ from: at("aa"), to: at(to), input }).output).toString("hex");
    console.log(output("1", Buffer.from("${hexOf(signed)}", "hex")));
    console.log(output("8", new Uint8Array()));`;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    cwd: fileURLToPath(new URL(".", import.meta.url)),
  });
  expect(said.trim().split("\n")).toEqual([
    "000000000000000000000000a94f5374fce5edbc8e2a8697c15331677e6ebf0b",
    "1".padStart(64, "0"),
  ]);
});
