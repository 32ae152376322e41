import type { SourceFault } from "./CaseSource.ts";

/** What went wrong with one file or block, for a person; the rest goes on. */
export function faultOf(source: string, error: unknown): SourceFault {
  return { kind: "fault", source, message: error instanceof Error ? error.message : String(error) };
}
