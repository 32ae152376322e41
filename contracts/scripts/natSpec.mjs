// What the compiler knows of the modules' documentation: texts, ABI, and where each member is declared.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromSolc } from "./compile.mjs";
import { packageDir } from "./forge.mjs";

const outputs = { "": ["ast"], "*": ["abi", "devdoc", "userdoc", "evm.methodIdentifiers"] };
const settings = { evmVersion: "cancun", outputSelection: { "*": outputs } };

/**
 * The units of solc's answer, cut down to what a page needs: of a contract its ABI, texts, selectors, bases and own
 * members; of a unit its structs and enums. Keys are source paths below the repository's root.
 */
export function readNatSpec() {
  const folders = ["src", "src/adapters"].map((folder) => join(packageDir, folder));
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".sol"))
      .map((name) => join(folder, name)),
  );
  // What this file picks changes with its text.
  return fromSolc("solc", settings, files.sort(), readFileSync(import.meta.filename, "utf8"), pickUnits);
}

function pickUnits(output) {
  const textOf = (node) => node.documentation?.text?.replaceAll("\n ", "\n") ?? "";
  const shapeOf = (node) => ({
    kind: node.nodeType === "EnumDefinition" ? "enum" : "struct",
    name: node.canonicalName,
    text: textOf(node),
    members: node.members.map((m) => ({ name: m.name, type: m.typeDescriptions?.typeString })),
  });
  const isShape = (node) => node.nodeType === "StructDefinition" || node.nodeType === "EnumDefinition";
  // A member is known by its selector, as names may be overloaded.
  const keyOf = (node) => node.functionSelector ?? node.eventSelector ?? node.errorSelector;
  const contractOf = (unit, node) => {
    const { abi, devdoc, userdoc, evm } = output.contracts[unit][node.name];
    const { name, id, linearizedBaseContracts: bases, abstract: isAbstract } = node;
    const modifiers = node.nodes.filter((n) => n.nodeType === "ModifierDefinition");
    return {
      name,
      id,
      bases,
      isAbstract,
      text: textOf(node),
      constructorText: textOf(node.nodes.find((n) => n.kind === "constructor") ?? {}),
      modifiers: modifiers.map((n) => ({ name: n.name, text: textOf(n) })),
      abi,
      devdoc,
      userdoc,
      selectors: evm.methodIdentifiers,
      own: node.nodes.filter(keyOf).map((n) => ({ name: n.name, type: n.nodeType, selector: n.functionSelector })),
    };
  };
  const units = {};
  for (const [unit, { ast }] of Object.entries(output.sources)) {
    const contracts = ast.nodes.filter((node) => node.nodeType === "ContractDefinition");
    const shapes = [...ast.nodes, ...contracts.flatMap((node) => node.nodes)].filter(isShape).map(shapeOf);
    units[unit] = { contracts: contracts.map((node) => contractOf(unit, node)), shapes };
  }
  return units;
}
