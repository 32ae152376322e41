import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Tools of Foundry that come as npm packages. */
export type FoundryTool = "anvil" | "forge" | "cast" | "chisel";

const architectures: { readonly [nodeName: string]: string } = { x64: "amd64", arm64: "arm64" };

/**
 * The path of a Foundry binary of this platform, as npm installed it.
 * `.bin/<tool>` is a Node wrapper that a kill does not reach through, so the binary itself is named.
 * Throws `BinaryMissing` when the platform package is not installed.
 */
export function binaryOf(tool: FoundryTool): string {
  const name = `@foundry-rs/${tool}-${process.platform}-${architectures[process.arch] ?? process.arch}`;
  const file = process.platform === "win32" ? `${tool}.exe` : tool;
  const folder = folderOf(tool, name);
  const path = folder === undefined ? undefined : join(folder, "bin", file);
  if (path === undefined || !existsSync(path)) throw new BinaryMissing(tool, name);
  return path;
}

// The platform package is a dependency of the tool's package, which may have it in a folder of its own.
function folderOf(tool: FoundryTool, name: string): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    const fromTool = createRequire(require.resolve(`@foundry-rs/${tool}/package.json`));
    return dirname(fromTool.resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** The npm package with the binary for this platform is not there. */
export class BinaryMissing extends Error {
  override readonly name = "BinaryMissing";
  constructor(tool: FoundryTool, packageName: string) {
    super(
      [
        `No binary of ${tool} for this machine: package "${packageName}" is not installed.`,
        "- It comes with the packages of the lockfile, on Linux, macOS and Windows, x64 or arm64.",
        "- Run npm ci with optional dependencies allowed.",
      ].join("\n"),
    );
  }
}
