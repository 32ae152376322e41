import type { Expression, Node, ObjectExpression, Program } from "oxc-parser";
import { keyOf } from "./locate.ts";

/**
 * The `dataDir` that a configuration writes out, null where it names none; undefined where only running the file tells: where
 * its default export is anything but an object that stands there as it is, or the call of testudo's own `defineConfig` with one.
 */
export function readDataDir(program: Program): string | null | undefined {
  const config = configIn(program);
  if (config === undefined) return undefined;
  const properties = config.properties.map((property) => (property.type === "Property" ? property : undefined));
  const keys = properties.map((property) => (property?.computed === false ? keyOf(property.key as Node) : undefined));
  // What is spread in, or computed, may bring one of its own.
  if (keys.includes(undefined)) return undefined;
  const named = properties.filter((_, i) => keys[i] === "dataDir");
  if (named.length === 0) return null;
  const [value] = named.map((property) => property?.value);
  return named.length === 1 && value?.type === "Literal" && typeof value.value === "string" ? value.value : undefined;
}

function configIn({ body }: Program): ObjectExpression | undefined {
  const call = body.find((node) => node.type === "ExportDefaultDeclaration")?.declaration;
  if (call?.type === "ObjectExpression") return call;
  if (call?.type !== "CallExpression" || call.callee.type !== "Identifier") return undefined;
  const { name } = call.callee;
  const isOurs = body.some(
    (node) =>
      node.type === "ImportDeclaration" &&
      node.source.value === "testudo" &&
      node.specifiers.some(
        (one) =>
          one.type === "ImportSpecifier" &&
          one.local.name === name &&
          one.imported.type === "Identifier" &&
          one.imported.name === "defineConfig",
      ),
  );
  const argument = call.arguments[0] as Expression | undefined;
  return isOurs && argument?.type === "ObjectExpression" ? argument : undefined;
}
