import type { Scope } from "@testudo/core/model/BlockBundle";
import type { Program } from "@testudo/core/model/Program";

/** What the detectors of `program` can use of a block; traces are dear, so that they are fetched only where one wants them. */
export function scopesOf(program: Program): readonly Scope[] {
  const wanted = new Set<Scope>(["X", "L"]);
  for (const { meta } of program.detectors)
    for (const scope of [...meta.needs.all, ...(meta.needs.degraded ?? [])]) wanted.add(scope);
  return [...wanted].filter((scope) => scope !== "S" && scope !== "H");
}
