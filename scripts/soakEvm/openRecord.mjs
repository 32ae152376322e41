import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

/**
 * What was soaked over several sittings, in `file`: `{engine, sittings: [{from, seed, next, minutes, runs, compared}]}`, where
 * `engine` is the SHA-256 of the module, `next` the first seed that was not begun, and `minutes` are of processor time, since a
 * sitting may be halted or share its core. Written whole, under another name first, whenever `put` is called. Throws where the file
 * is of another engine, or is none of these.
 */
export function openRecord(file, module) {
  const engine = createHash("sha256").update(module).digest("hex");
  const sittings = existsSync(file) ? readSittings(file, engine) : [];
  const from = new Date().toISOString();
  return {
    /** Minutes of all sittings before this one. */
    before: sittings.reduce((sum, { minutes }) => sum + minutes, 0),
    /** The first seed that no sitting began; undefined where there was none. */
    next: sittings.length === 0 ? undefined : Math.max(...sittings.map(({ next }) => next)),
    put(sitting) {
      const all = [...sittings, { from, ...sitting }];
      writeFileSync(`${file}.part`, `${JSON.stringify({ engine, sittings: all }, undefined, 2)}\n`);
      renameSync(`${file}.part`, file);
    },
  };
}

function readSittings(file, engine) {
  const record = parse(file);
  if (!Array.isArray(record?.sittings) || !record.sittings.every(isSitting))
    throw new Error(`${file} is no record of a soak.\n- Leave it, and name another file.`);
  if (record.engine !== engine)
    throw new Error(
      `${file} is of another build of the engine.\n- Its hours say nothing of this one: name another file.`,
    );
  return record.sittings;
}

function parse(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

const isSitting = (one) =>
  typeof one?.from === "string" &&
  [one.seed, one.next, one.runs, one.compared].every(Number.isSafeInteger) &&
  Number.isFinite(one.minutes);
