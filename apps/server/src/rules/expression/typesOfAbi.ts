import type { AbiParameter } from "abitype";
import type { Value, ValueType } from "./Expression.ts";

/** What the values of `inputs` are, by name; one without a name by its place as `$0`, `$1` … */
export function typesOfInputs(inputs: readonly AbiParameter[]): { readonly [name: string]: ValueType } {
  return Object.fromEntries(inputs.map((input, i) => [input.name || `$${i}`, typeOf(input)]));
}

/** `args` (by name, or by place where one has none) as values of an expression. */
export function valuesOfArgs(
  inputs: readonly AbiParameter[],
  args: { readonly [name: string]: unknown },
): { readonly [name: string]: Value } {
  return Object.fromEntries(
    inputs.map((input, i) => [input.name || `$${i}`, toValue(args[input.name || String(i)], input)]),
  );
}

function typeOf(input: AbiParameter): ValueType {
  const { type } = input;
  // Of an indexed argument without fixed size the log holds a hash.
  if ("indexed" in input && input.indexed === true && !isStatic(type)) return { abi: type, isHashed: true };
  const inner = elementOf(input);
  if (inner !== undefined) {
    const [, length] = /\[(\d+)\]$/.exec(type) ?? [];
    return { list: typeOf(inner), ...(length === undefined ? {} : { length: Number(length) }) };
  }
  return type === "tuple" ? { fields: fieldsOf(input) } : { abi: type };
}

function fieldsOf(input: AbiParameter): { readonly [name: string]: ValueType } {
  const components = "components" in input ? input.components : [];
  return Object.fromEntries(components.map((component, i) => [component.name || String(i), typeOf(component)]));
}

function elementOf(input: AbiParameter): AbiParameter | undefined {
  const match = /^(.*)\[\d*\]$/.exec(input.type);
  if (match === null) return undefined;
  const { indexed: _, ...rest } = input as AbiParameter & { indexed?: boolean };
  return { ...rest, name: "", type: match[1]! } as AbiParameter;
}

function isStatic(type: string): boolean {
  return !(type === "string" || type === "bytes" || type.startsWith("tuple") || type.endsWith("]"));
}

function toValue(value: unknown, input: AbiParameter): Value {
  if (typeof value === "number") return BigInt(value);
  if (typeof value === "bigint" || typeof value === "boolean" || typeof value === "string") return value;
  const inner = elementOf(input);
  if (Array.isArray(value) && inner !== undefined) return value.map((item) => toValue(item, inner));
  const components = "components" in input ? input.components : [];
  const fields = value as { readonly [key: string]: unknown };
  return Object.fromEntries(
    components.map((component, i) => [
      component.name || String(i),
      toValue(fields[component.name || String(i)] ?? fields[i], component),
    ]),
  );
}
