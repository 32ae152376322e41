// Solidity's syntax tree from npm's solc, which parses one file without looking for its imports.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const settings = { stopAfter: "parsing", outputSelection: { "*": { "": ["ast"] } } };

/** The syntax tree of `text`; throws with the compiler's own message where it is no Solidity. */
export function parseSource(text) {
  const input = { language: "Solidity", sources: { unit: { content: text } }, settings };
  const output = JSON.parse(require("solc").compile(JSON.stringify(input)));
  const fault = output.errors?.find((error) => error.severity === "error");
  if (fault) throw new Error(fault.formattedMessage);
  return output.sources.unit.ast;
}
