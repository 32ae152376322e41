/** A condition as it was written. `at`: the column in its text, from 0. */
export type Expression =
  | { readonly kind: "number"; readonly value: bigint; readonly at: number }
  /** `0x…`: a number beside numbers, else bytes. */
  | { readonly kind: "hex"; readonly value: string; readonly at: number }
  | { readonly kind: "text"; readonly value: string; readonly at: number }
  | { readonly kind: "truth"; readonly value: boolean; readonly at: number }
  | { readonly kind: "path"; readonly name: string; readonly steps: readonly (string | number)[]; readonly at: number }
  | { readonly kind: "not" | "minus"; readonly of: Expression; readonly at: number }
  | {
      readonly kind: "binary";
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
    };

export type Operator =
  | "or"
  | "and"
  | "=="
  | "!="
  | ">"
  | ">="
  | "<"
  | "<="
  | "contains"
  | "starts_with"
  | "ends_with"
  | "+"
  | "-"
  | "*"
  | "/"
  | "%";

/** What a value is: whole number, text (addresses and bytes too), truth, of an ABI type, a list, or fields by name. */
export type ValueType =
  | "int"
  | "text"
  | "bool"
  | AbiValue
  | { readonly list: ValueType /** Of a list that always has as many. */; readonly length?: number }
  | { readonly fields: { readonly [name: string]: ValueType } };

/** A single value of the ABI type `abi`, as far as that says what it can be. */
export interface AbiValue {
  readonly abi: string;
  /** The value is the hash of what the type says: an indexed argument without fixed size. */
  readonly isHashed?: boolean;
  /** It may be "" instead. */
  readonly isOptional?: boolean;
}

/** What a value is compared as; undefined for a list and for fields. */
export function baseOf(type: ValueType): "int" | "text" | "bool" | undefined {
  if (typeof type === "string") return type;
  if (!("abi" in type)) return undefined;
  if (type.isHashed) return "text";
  return type.abi === "bool" ? "bool" : /^u?int\d*$/.test(type.abi) ? "int" : "text";
}

export type Value = bigint | string | boolean | readonly Value[] | { readonly [name: string]: Value };

/** An expression does not parse, or says something of a value that it is not. `at`: the column in its text, from 0. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
  readonly at: number;
  readonly what: string;
  readonly allowed: string;
  constructor(what: string, allowed: string, at: number) {
    super(`${what}\n- ${allowed}\n- Correct the expression at column ${at + 1}.`);
    this.at = at;
    this.what = what;
    this.allowed = allowed;
  }
}
