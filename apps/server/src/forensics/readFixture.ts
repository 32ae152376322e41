import { parseTracerFixture, type TracerFixture } from "@testudo/lab/fixture/TracerFixture";
import { readBytes } from "../capsule/readCapsuleFile.ts";

/** Reads a tracer fixture. Throws `UsageError` for a file that cannot be read, and `NotAFixture` for one that is none. */
export function readFixture(file: string): TracerFixture {
  return parseTracerFixture(new TextDecoder().decode(readBytes(file)), file);
}
