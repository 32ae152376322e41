import { variableOf } from "./variableOf.ts";

/**
 * `name`, numbered where `taken` has one that differs in letter case or punctuation alone: folders of some file systems and the
 * names of variables would be the same. It is added to `taken`.
 */
export function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let i = 2; taken.has(variableOf(free)); i++) free = `${name}_${i}`;
  taken.add(variableOf(free));
  return free;
}
