// Where in its source an assertion stands: the search knows the last comparison before it failed, the compiler's map the rest.
import type { TellOffset } from "@testudo/lab/adversary/deployTarget";
import type { CompiledFile, SourcedContract } from "./compileSol.ts";

interface Range {
  readonly start: number;
  readonly length: number;
  readonly source: number;
}

const push1 = 0x60;
const push32 = 0x7f;
const jumpi = 0x57;
const mostText = 60;
/** Instructions between a comparison and the jump that it decides. */
const mostBetween = 12;

/** Tells an assertion as `Vault.sol:34 assert(total <= cap)`. */
export function tellAssertion(file: CompiledFile): TellOffset {
  const maps = new Map<string, SourceMap>();
  return ({ name, runtime }, offset) => {
    const contract = file.contracts.find((each) => each.name === name && each.runtime === runtime);
    if (contract === undefined) return undefined;
    let map = maps.get(name);
    if (map === undefined) {
      map = readMap(contract);
      maps.set(name, map);
    }
    const ranges = offsetsAfter(map, offset).flatMap((at) => rangeAt(map, at) ?? []);
    const said = ranges.map((range) => ({
      range,
      text: file.sources[range.source]?.content.slice(range.start, range.start + range.length) ?? "",
    }));
    const smallest = said.reduce<(typeof said)[number] | undefined>(
      (best, each) => (best === undefined || each.range.length < best.range.length ? each : best),
      undefined,
    );
    const chosen = said.find(({ text }) => text.startsWith("assert")) ?? smallest;
    return chosen === undefined ? undefined : tell(file, chosen.range, chosen.text);
  };
}

function tell({ sources }: CompiledFile, { start, source }: Range, text: string): string | undefined {
  const known = sources[source];
  if (known === undefined) return undefined;
  const line = known.content.slice(0, start).split("\n").length;
  const words = text.replace(/\s+/g, " ").slice(0, mostText);
  return `${known.name}:${line} ${words}`;
}

interface SourceMap {
  readonly code: Uint8Array;
  /** Number of the instruction at an offset. */
  readonly instructionAt: ReadonlyMap<number, number>;
  readonly ranges: readonly Range[];
}

function readMap({ runtime, sourceMap }: SourcedContract): SourceMap {
  const code = Buffer.from(runtime.slice(2), "hex");
  const instructionAt = new Map<number, number>();
  for (let at = 0; at < code.length; at = after(code, at)) instructionAt.set(at, instructionAt.size);
  return { code, instructionAt, ranges: readRanges(sourceMap) };
}

/** Fields that an entry leaves out are those of the entry before it. */
function readRanges(sourceMap: string): Range[] {
  let now: Range = { start: 0, length: 0, source: -1 };
  return sourceMap.split(";").map((entry) => {
    const [start, length, source] = entry.split(":");
    now = {
      start: start ? Number(start) : now.start,
      length: length ? Number(length) : now.length,
      source: source ? Number(source) : now.source,
    };
    return now;
  });
}

function after(code: Uint8Array, at: number): number {
  const op = code[at]!;
  return at + 1 + (op >= push1 && op <= push32 ? op - push1 + 1 : 0);
}

/** The comparison, the jump that it decides, and both places where that leads. */
function offsetsAfter({ code }: SourceMap, offset: number): number[] {
  let at = offset;
  let pushed = 0;
  for (let i = 0; i < mostBetween && at < code.length && code[at] !== jumpi; i++) {
    const next = after(code, at);
    if (next > at + 1) pushed = Number(BigInt(`0x${Buffer.from(code.subarray(at + 1, next)).toString("hex")}`));
    at = next;
  }
  return code[at] === jumpi ? [at, at + 1, pushed, pushed + 1, offset] : [offset];
}

function rangeAt({ instructionAt, ranges }: SourceMap, offset: number): Range | undefined {
  const instruction = instructionAt.get(offset);
  const range = instruction === undefined ? undefined : ranges[instruction];
  return range === undefined || range.source < 0 ? undefined : range;
}
