import type { Hex } from "@testudo/core/model/Hex";

// A literal is code that writes word after word, and solc's optimizer takes the square of its length.
const digitsOfPart = 2 * 1_024;

/** The statement that `use` makes of `bytes` as Solidity writes them; of many, a block that puts them together first. */
export function withBytes(bytes: Hex, use: (text: string) => string): string {
  const digits = bytes.slice(2);
  if (digits.length <= digitsOfPart) return use(`hex"${digits}"`);
  const fills = Array.from({ length: Math.ceil(digits.length / digitsOfPart) }, (_, i) => {
    const from = i * digitsOfPart;
    return `            _fill(data, ${from / 2}, hex"${digits.slice(from, from + digitsOfPart)}");\n`;
  });
  return `{\n            bytes memory data = new bytes(${digits.length / 2});\n${fills.join("")}            ${use("data")}\n        }`;
}
