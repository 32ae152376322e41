import { createReadStream, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { readTar } from "./readTar.ts";

/** The bytes of one file of tests, or why they could not be had. `file` is the way to it below the folder. */
export type TestSource =
  | { readonly file: string; readonly bytes: Uint8Array }
  | { readonly file: string; readonly fault: string };

/**
 * All JSON files below `folder`, also those inside of tar, tar.gz and tgz, in the order of their names. Names that begin
 * with a dot are passed over: releases of tests keep indexes there. Throws where the folder itself cannot be read.
 */
export async function* readTests(folder: string): AsyncGenerator<TestSource> {
  for (const file of filesBelow(folder, "")) {
    const path = join(folder, file);
    if (file.endsWith(".json")) yield readPlain(path, file);
    else if (archive.test(file)) yield* readArchive(path, file);
  }
}

const archive = /\.(?:tar|tar\.gz|tgz)$/;

function filesBelow(folder: string, under: string): string[] {
  return readdirSync(join(folder, under))
    .filter((name) => !name.startsWith("."))
    .sort()
    .flatMap((name) => {
      const file = under === "" ? name : `${under}/${name}`;
      return isFolder(join(folder, file)) ? filesBelow(folder, file) : [file];
    });
}

// A link to nothing is found out when it is read, and then it is a failure with a name.
function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function readPlain(path: string, file: string): TestSource {
  try {
    return { file, bytes: readFileSync(path) };
  } catch (error) {
    return { file, fault: (error as Error).message };
  }
}

async function* readArchive(path: string, file: string): AsyncGenerator<TestSource> {
  try {
    for await (const { name, bytes } of readTar(bytesOf(path))) {
      const inner = name.replace(/^\.\//, "");
      const isHidden = inner.split("/").some((part) => part.startsWith("."));
      if (inner.endsWith(".json") && !isHidden) yield { file: `${file}/${inner}`, bytes };
    }
  } catch (error) {
    yield { file, fault: (error as Error).message };
  }
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  if (path.endsWith(".tar")) return yield* file;
  const unpacked = createGunzip();
  // A pipe does not hand on errors of its source.
  file.on("error", (error) => unpacked.destroy(error));
  yield* file.pipe(unpacked);
}
