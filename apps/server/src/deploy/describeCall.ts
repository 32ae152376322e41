import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Abi } from "viem";
import { decodeFunctionData } from "viem/utils";
import type { Blueprint } from "./blueprint.ts";
import { textOf } from "./readChain.ts";

/** A call in words that follow from its own bytes: `fund.setCap(0x45…, 2500)`, or its selector where nothing is known. */
export function describeCall({ expectations }: Pick<Blueprint, "expectations">, to: Address, data: Hex): string {
  const place = expectations.find((item) => placeOf(item) === to);
  const said = place === undefined ? undefined : decoded(place.abi, data);
  return said === undefined ? `${data.slice(0, 10)} of ${to}` : `${place!.module}.${said}`;
}

function placeOf(item: Blueprint["expectations"][number]): Address {
  return item.kind === "call" ? item.to : item.address;
}

function decoded(abi: Abi, data: Hex): string | undefined {
  try {
    const { functionName, args = [] } = decodeFunctionData({ abi, data });
    return `${functionName}(${args.map(textOf).join(", ")})`;
  } catch {
    return undefined;
  }
}
