import { readFileSync } from "node:fs";
import { join } from "node:path";
import asc from "assemblyscript/asc";

const folder = join(import.meta.dirname, "..", "assembly");

/** Returns an instance of some files of `assembly/`, compiled as the engine is: each exported function, and the memory. */
export async function compileAssembly<Functions>(files: readonly string[]) {
  const written = new Map<string, Uint8Array>();
  const { error, stderr } = await asc.main([...files, "--outFile", "module.wasm", ...options], {
    readFile: (name) => readOrNull(join(folder, name)),
    writeFile: (name, contents) => void written.set(name, contents as Uint8Array),
    listFiles: () => null,
  });
  if (error !== null) throw new Error(`${files.join(", ")} do not compile.\n${stderr.toString()}`, { cause: error });
  const { instance } = await WebAssembly.instantiate(written.get("module.wasm") as BufferSource, {});
  return instance.exports as Functions & { memory: WebAssembly.Memory };
}

const options = ["--runtime", "stub", "-O3", "--converge", "--enable", "simd,bulk-memory", "--initialMemory", "16"];

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The compiler asks for every place where an import could stand.
    return null;
  }
}
