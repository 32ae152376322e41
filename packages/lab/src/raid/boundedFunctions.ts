/** Statements as functions of bounded size: a compiler's stack, and its time, end at large ones. */
export interface BoundedFunctions {
  /** Calls of all functions in their order, a line each. */
  readonly calls: string;
  readonly functions: string;
}

const mostCharacters = 65_536;
const mostStatements = 64;

/** Private functions `_<name>0`, `_<name>1` and so on, which run `statements` in their order. A larger statement has its own. */
export function boundedFunctions(name: string, statements: readonly string[]): BoundedFunctions {
  const parts: string[][] = [];
  let size = 0;
  for (const statement of statements) {
    size += statement.length;
    const last = parts.at(-1);
    if (last !== undefined && size <= mostCharacters && last.length < mostStatements) last.push(statement);
    else {
      parts.push([statement]);
      size = statement.length;
    }
  }
  return {
    calls: parts.map((_, i) => `        _${name}${i}();`).join("\n"),
    functions: parts.map((part, i) => functionOf(`_${name}${i}`, part)).join("\n\n"),
  };
}

const functionOf = (name: string, statements: readonly string[]): string =>
  `    function ${name}() private {\n${statements.map((statement) => `        ${statement}`).join("\n")}\n    }`;
