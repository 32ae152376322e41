import { type Patch, patchFormat } from "./Patch.ts";

/** `patch` as its file has it: readable JSON, numbers above 53 bits as 0x…. */
export function writePatch(patch: Patch): string {
  const value = { format: patchFormat, ...patch };
  return `${JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? `0x${inner.toString(16)}` : inner), 2)}\n`;
}
