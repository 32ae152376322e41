// A folder that a search leaves its progress in, one file for each worker, whole or absent: it is stopped and goes on from there.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { gunzipSync, gzipSync } from "node:zlib";
import { countOf } from "@testudo/core/model/countOf";
import { z } from "zod";
import { UsageError } from "../config/UsageError.ts";
import type { SearchMemories, SearchMemory } from "../jobs/search/SearchMemory.ts";
import { replaceFile } from "../operator/writeFile.ts";
import { FolderLockedError, lockFolder } from "../store/lockFolder.ts";

/** The one version of the format that is read and written. It changes with what a search remembers. */
const format = "testudo-search/1";
const headName = "search.json";
const head = z.strictObject({
  format: z.literal(format),
  search: z.string(),
  seed: z.int(),
  workers: z.int().min(1),
  /** Of a node's state: the block that it is of. */
  block: z
    .string()
    .regex(/^\d{1,20}$/)
    .optional(),
});
const mostBytes = 2 ** 30;

/** Which search it is: what is searched, as plain data, and how. */
export interface SearchedBy {
  readonly what: object;
  readonly seed: number;
  readonly workers: number;
  /** Of a node's state: the block that it is of. */
  readonly block?: bigint;
}

/** A folder that is this search's alone until it is closed. */
export interface SearchFolder extends SearchMemories {
  /** Workers that left nothing, where others did: they begin anew. */
  readonly lost: readonly number[];
  close(): void;
}

/** The block whose state the search of `folder` began with; undefined where it was no node's, or there is no search. */
export function blockOfSearch(folder: string): bigint | undefined {
  const file = join(folder, headName);
  if (!existsSync(file)) return undefined;
  const { block } = readHead(file);
  return block === undefined ? undefined : BigInt(block);
}

/** Opens `folder` for a search, with what it left there. Throws UsageError for another search's, or what cannot be read. */
export function openSearchFolder(folder: string, by: SearchedBy): SearchFolder {
  const search = createHash("sha256").update(serialize(by.what)).digest("hex");
  makeFolder(folder);
  assertOurs(folder);
  const unlock = lock(folder);
  try {
    const isNew = !existsSync(join(folder, headName));
    if (!isNew) assertSame(join(folder, headName), { search, ...by });
    const { seed, workers, block } = by;
    const begun = { format, search, seed, workers, ...(block === undefined ? {} : { block: block.toString() }) };
    if (isNew) replaceFile(join(folder, headName), `${JSON.stringify(begun)}\n`);
    return { ...openMemories(folder, search, workers), close: unlock };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Nothing is written where others' files lie. A lock alone is what a search left that ended before it began. */
function assertOurs(folder: string): void {
  const others = readdirSync(folder).filter((name) => name !== "lock" && !name.startsWith("lock."));
  if (others.length > 0 && !others.includes(headName))
    throw new StateRefused(folder, "it holds files, and none of a search");
}

function lock(folder: string): () => void {
  try {
    return lockFolder(folder);
  } catch (error) {
    if (error instanceof FolderLockedError)
      throw new StateRefused(folder, `process ${error.pid ?? "(unknown)"} searches with it`);
    throw new StateRefused(folder, error instanceof Error ? error.message : String(error));
  }
}

function openMemories(folder: string, search: string, workers: number): Omit<SearchFolder, "close"> {
  const fileOf = (worker: number): string => join(folder, `worker-${worker}.state`);
  // All are read before any worker begins, so that a damaged one is refused before anything is written.
  const known = Array.from({ length: workers }, (_, worker) => readMemory(fileOf(worker), search));
  const lost = known.flatMap((memory, worker) => (memory === undefined ? [worker] : []));
  return {
    lost: lost.length < workers ? lost : [],
    of: (worker) => known[worker],
    keep(worker, memory) {
      const packed = gzipSync(serialize(memory));
      const line = `${format} ${search} ${createHash("sha256").update(packed).digest("hex")}\n`;
      replaceFile(fileOf(worker), Buffer.concat([Buffer.from(line), packed]));
    },
  };
}

function makeFolder(folder: string): void {
  try {
    if (folder === "") throw new Error("it has no name");
    if (existsSync(folder) && !statSync(folder).isDirectory()) throw new Error("it is no folder");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    readdirSync(folder);
  } catch (cause) {
    throw new StateRefused(folder, cause instanceof Error ? cause.message : String(cause));
  }
}

function readHead(file: string): z.infer<typeof head> {
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new StateRefused(file, cause instanceof Error ? cause.message : String(cause));
  }
  const parsed = head.safeParse(read);
  if (!parsed.success) throw new StateRefused(file, `it is not of the format ${format}`);
  return parsed.data;
}

function assertSame(file: string, wanted: Omit<SearchedBy, "what"> & { readonly search: string }): void {
  const { search, seed, workers, block } = readHead(file);
  if (seed !== wanted.seed) throw new StateRefused(file, `its seed is ${seed}, not ${wanted.seed}`);
  if (workers !== wanted.workers)
    throw new StateRefused(file, `it has ${countOf(workers, "worker")}, not ${wanted.workers}`);
  if (block !== wanted.block?.toString())
    throw new StateRefused(file, `it is of ${block === undefined ? "a recorded state" : `block ${block}`}`);
  if (search !== wanted.search) throw new StateRefused(file, "it is of another state, scenario or source");
}

function readMemory(file: string, search: string): SearchMemory | undefined {
  if (!existsSync(file)) return undefined;
  // A pipe would be waited for.
  if (!statSync(file).isFile()) throw new StateRefused(file, "it is no file");
  const bytes = readFileSync(file);
  const end = bytes.indexOf(0x0a);
  const [kind, of, hash] = bytes.subarray(0, Math.max(end, 0)).toString("latin1").split(" ");
  const packed = bytes.subarray(end + 1);
  if (kind !== format || of !== search) throw new StateRefused(file, "it is no worker's of this search");
  if (createHash("sha256").update(packed).digest("hex") !== hash) throw new StateRefused(file, "it is damaged");
  return deserialize(gunzipSync(packed, { maxOutputLength: mostBytes })) as SearchMemory;
}

/** A folder holds no progress of this search. Not retryable as it is. */
export class StateRefused extends UsageError {
  override readonly name = "StateRefused";
  constructor(path: string, why: string) {
    super(
      `--state "${path}" cannot be gone on from: ${why}.`,
      "Allowed: a new folder, or that of the same search with the same seed and number of workers.",
      "Correct it, or name another folder to begin anew.",
    );
  }
}
