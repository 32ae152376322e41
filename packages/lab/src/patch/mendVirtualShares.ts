// Shares of a pool with one unit of each added: who comes first and gives to it shares with the unit that nobody owns.
// Source: OpenZeppelin's ERC-4626, "virtual shares and assets", with an offset of zero, so that a price of one stays one.
import { bare, functionsIn, nameOf, type Quotient, quotientsIn } from "./ContractTree.ts";
import type { Mended } from "./Mended.ts";
import type { AstNode, Compiled, Sources } from "./SolcOutput.ts";
import { edited, replaced, type SourceEdit, textOf } from "./SourceEdit.ts";

const shares = /^_*(?:total)?_?(?:supply|shares)_?$/i;
const assets = /^_*(?:total)?_?(?:assets|managed|underlying|pooled|reserves?|cash|backing|balance)\w*$/i;

/** The contract with every conversion between shares and assets mended, or why there is nothing to mend. */
export function mendVirtualShares(compiled: Compiled, sources: Sources): readonly Mended[] | string {
  const touched = functionsIn(compiled).flatMap((one) => {
    const operands = quotientsIn(one).flatMap(pairOf);
    return operands.length === 0 ? [] : [{ name: one.name ?? "", operands }];
  });
  if (touched.length === 0)
    return "nothing is multiplied by the whole of the shares and divided by that of the assets, nor the other way round";
  const edits = touched.flatMap(({ operands }) => operands.map((one) => withUnit(compiled, sources, one)));
  return [{ template: "virtual shares", functions: touched.map(({ name }) => name), sources: edited(sources, edits) }];
}

/** The whole of the shares and that of the assets in `quotient`; nothing where it is no conversion. */
function pairOf({ factors, divisor }: Quotient): readonly AstNode[] {
  for (const factor of factors)
    for (const [one, other] of [
      [shares, assets],
      [assets, shares],
    ] as const)
      if (isNamed(factor, one) && isNamed(divisor, other)) return [factor, divisor];
  return [];
}

function isNamed(node: AstNode, names: RegExp): boolean {
  const named = bare(node);
  // What one account has is no whole.
  return named.nodeType !== "IndexAccess" && names.test(nameOf(named) ?? "");
}

function withUnit({ output }: Compiled, sources: Sources, node: AstNode): SourceEdit {
  return replaced(output, node, `(${textOf(output, sources, node)} + 1)`);
}
