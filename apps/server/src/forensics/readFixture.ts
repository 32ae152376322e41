import { readFileSync, statSync } from "node:fs";
import { parseTracerFixture, type TracerFixture } from "@testudo/lab/fixture/TracerFixture";
import { UsageError } from "../config/UsageError.ts";

// geth's largest has half a megabyte.
const mostBytes = 64 * 1024 * 1024;

/** Reads a tracer fixture. Throws `UsageError` for a file that cannot be read, and `NotAFixture` for one that is none. */
export function readFixture(file: string): TracerFixture {
  return parseTracerFixture(readText(file), file);
}

function readText(file: string): string {
  try {
    const stat = statSync(file);
    if (!stat.isFile())
      throw new UsageError(`"${file}" is no file.`, "Allowed: files of JSON.", "Name the files in it.");
    if (stat.size > mostBytes)
      throw new UsageError(`"${file}" has ${stat.size} bytes.`, `Allowed: up to ${mostBytes}.`, "Name a fixture.");
    return readFileSync(file, "utf8");
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(
      `"${file}" cannot be read: ${said}.`,
      "Allowed: a file that you may read.",
      "Check the name.",
      {
        cause,
      },
    );
  }
}
