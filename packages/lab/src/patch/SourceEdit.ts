// Edits of sources by places of solc's syntax tree, which counts bytes of UTF-8.
import type { AstNode, SolcOutput, Sources } from "./SolcOutput.ts";

/** `text` in the place of `length` bytes of `unit`, from the byte `at`. */
export interface SourceEdit {
  readonly unit: string;
  readonly at: number;
  readonly length?: number;
  readonly text: string;
}

/** Where a node's text stands. */
export interface Place {
  readonly start: number;
  readonly length: number;
}

export function placeOf({ src }: Pick<AstNode, "src">): Place {
  const [start, length] = src.split(":").map(Number);
  return { start: start!, length: length! };
}

/** Tells the unit that a node of `output` stands in. */
export function unitsOf(output: SolcOutput): (node: Pick<AstNode, "src">) => string {
  const byIndex = new Map(Object.entries(output.sources).map(([unit, { ast }]) => [ast.src.split(":")[2], unit]));
  return ({ src }) => byIndex.get(src.split(":")[2])!;
}

/** The text of `node`. */
export function textOf(output: SolcOutput, sources: Sources, node: Pick<AstNode, "src">): string {
  const { start, length } = placeOf(node);
  return Buffer.from(sources[unitsOf(output)(node)]!)
    .subarray(start, start + length)
    .toString();
}

/** `text` instead of `node`. */
export function replaced(output: SolcOutput, node: Pick<AstNode, "src">, text: string): SourceEdit {
  const { start, length } = placeOf(node);
  return { unit: unitsOf(output)(node), at: start, length, text };
}

/** `text` right behind `node`. */
export function after(output: SolcOutput, node: Pick<AstNode, "src">, text: string): SourceEdit {
  const { start, length } = placeOf(node);
  return { unit: unitsOf(output)(node), at: start + length, text };
}

/** `text` as the last member of the contract `node`. */
export function member(output: SolcOutput, node: AstNode, text: string): SourceEdit {
  const { start, length } = placeOf(node);
  return { unit: unitsOf(output)(node), at: start + length - 1, text: ` ${text} ` };
}

/** From the end to the front, so that no place moves. */
export function edited(sources: Sources, edits: readonly SourceEdit[]): Sources {
  const texts = { ...sources };
  for (const { unit, at, length = 0, text } of edits.toSorted((a, b) => b.at - a.at)) {
    const bytes = Buffer.from(texts[unit]!);
    texts[unit] = `${bytes.subarray(0, at)}${text}${bytes.subarray(at + length)}`;
  }
  return texts;
}
