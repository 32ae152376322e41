import type { AbiEntry, AbiInput, Patch, StorageLayout } from "./Patch.ts";

/** What an upgrade breaks for its storage and its callers, a sentence each; nothing for other patches. */
export function compareUpgrade(patch: Patch): readonly string[] {
  if (patch.kind !== "upgrade") return [];
  return [
    ...(patch.layout === undefined ? [] : compareLayouts(patch.layout.before, patch.layout.after)),
    ...(patch.abi === undefined ? [] : compareAbis(patch.abi.before, patch.abi.after)),
  ];
}

// solc writes the number of the syntax tree's node into the names of user-defined types, and a new build has others.
const nodeNumber = /\)\d+_/g;
const bareType = (type: string): string => type.replace(nodeNumber, ")_");

function compareLayouts(before: StorageLayout, after: StorageLayout): string[] {
  return before.storage.flatMap((was) => {
    const place = (one: typeof was) => one.slot === was.slot && one.offset === was.offset;
    const is = after.storage.find(place);
    if (is === undefined) return [`${was.label} at slot ${was.slot}, byte ${was.offset} is gone.`];
    if (bareType(is.type) !== bareType(was.type))
      return [`${was.label} at slot ${was.slot}, byte ${was.offset} was ${was.type} and is ${is.type}.`];
    // A gap may be filled, and a name may be corrected only on purpose: the reader decides.
    if (is.label !== was.label) return [`Slot ${was.slot}, byte ${was.offset} was ${was.label} and is ${is.label}.`];
    return [];
  });
}

function compareAbis(before: readonly AbiEntry[], after: readonly AbiEntry[]): string[] {
  const have = new Set(after.map(signatureOf));
  return before
    .filter(({ type }) => type === "function" || type === "event")
    .map(signatureOf)
    .filter((signature) => !have.has(signature))
    .map((signature) => `${signature} is gone.`);
}

function signatureOf({ type, name = "", inputs = [] }: AbiEntry): string {
  return `${type} ${name}(${inputs.map(typeOf).join(",")})`;
}

function typeOf({ type, components = [] }: AbiInput): string {
  if (!type.startsWith("tuple")) return type;
  return `(${components.map(typeOf).join(",")})${type.slice("tuple".length)}`;
}
