// AssemblyScript to WebAssembly, and that to a TypeScript file which holds it as base64: the same module in Node and in a
// browser, with no file to find at run time.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generate } from "./generate.mjs";
import { assertApart, KeepApart } from "./KeepApart.mjs";

const member = fileURLToPath(new URL("..", import.meta.url));
const target = join(member, "src", "generated", "engineModule.ts");

/** Compiles unless the sources are those of the last time. */
export async function compile() {
  generate();
  const source = hashOf(sources());
  if (keptHash() === source) return;
  const { default: asc } = await import("assemblyscript/asc");
  const files = new Map();
  const { error, stderr } = await asc.main(
    [
      "assembly/index.ts",
      "--outFile",
      "engine.wasm",
      "--textFile",
      "engine.wat",
      "-O3",
      "--converge",
      "--noAssert",
      "--runtime",
      "stub",
      "--enable",
      "simd,bulk-memory",
      "--baseDir",
      member,
    ],
    { writeFile: (name, content) => void files.set(name, content), listFiles: () => [], transforms: [KeepApart] },
  );
  if (error) throw new Error(`The engine does not compile.\n${stderr.toString()}`, { cause: error });
  assertTable(files.get("engine.wat"));
  assertApart(files.get("engine.wat"));
  const wasm = files.get("engine.wasm");
  assertSmall(wasm);
  assertShort(wasm);
  mkdirSync(join(target, ".."), { recursive: true });
  writeFileSync(
    target,
    `// Compiled from assembly/ by scripts/compile.mjs. Sources ${source}.\n/** The engine's WebAssembly, ${wasm.length} bytes, as base64. */\nexport const engineModule: string =\n  "${Buffer.from(wasm).toString("base64")}";\n`,
  );
  writeFileSync(join(member, "dist-engine.wat"), files.get("engine.wat"));
}

// A dispatch that compares one operation after the other costs three times as much; only a table will do.
function assertTable(text) {
  const longest = [...text.matchAll(/br_table ([^\n]*)/g)].reduce(
    (most, [, labels]) => Math.max(most, labels.split(" ").length),
    0,
  );
  if (longest < 200)
    throw new Error(`The interpreter's switch is no branch table (the longest has ${longest} labels).`);
}

// What a page loads, and what is compiled before the first call.
const mostModuleBytes = 100_000;

function assertSmall(wasm) {
  if (wasm.length >= mostModuleBytes)
    throw new Error(
      `The module has ${wasm.length} bytes and must have less than ${mostModuleBytes}.\n- Leave some sequences out (sequences.mjs), or keep what is not in the loop apart (KeepApart.mjs).`,
    );
}

// V8 keeps no local of a function in a register once it has more than 8,192 values (`kTopTierVirtualRegistersLimit`): the loop then
// loses a third of its speed. With 48,488 bytes it had fewer, with 58,408 more.
const mostBytes = 48_000;

function assertShort(wasm) {
  const longest = Math.max(...functionLengths(wasm));
  if (longest > mostBytes)
    throw new Error(`A function has ${longest} bytes, more than ${mostBytes}: leave some sequences out.`);
}

function functionLengths(wasm) {
  const codeSection = 10;
  let at = 8;
  const number = () => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = wasm[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  for (;;) {
    const id = wasm[at++];
    const end = number() + at;
    if (id !== codeSection) {
      at = end;
      continue;
    }
    return Array.from({ length: number() }, () => {
      const length = number();
      at += length;
      return length;
    });
  }
}

function sources() {
  const folders = ["assembly", "assembly/generated", "scripts"];
  return folders.flatMap((folder) =>
    readdirSync(join(member, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(member, folder, entry.name))
      .sort(),
  );
}

function hashOf(files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

function keptHash() {
  try {
    return /Sources ([0-9a-f]{16})\./.exec(readFileSync(target, "utf8").slice(0, 200))?.[1];
  } catch {
    return undefined;
  }
}

await compile();
