import type { CompiledContract } from "@testudo/lab/adversary/deployTarget";
import { isPropertyName } from "@testudo/lab/patch/Property";
import { compileSol } from "../attack/compileSol.ts";
import { UsageError } from "../config/UsageError.ts";

/** Compiles `FILE.sol:CONTRACT`, or `FILE.sol` where one contract of it tells properties. Throws UsageError. */
export function readPropertyContract(text: string): CompiledContract {
  const [, file = text, name] = /^(.+\.sol):(\w+)$/.exec(text) ?? [];
  const { contracts, libraries } = compileSol(file);
  if (libraries.length > 0)
    throw new UsageError(
      `--properties "${file}" needs libraries of its own.`,
      "Allowed: contracts without linked libraries.",
      "Make their functions internal.",
    );
  const found = contracts.filter((one) => (name === undefined ? tellsProperties(one) : one.name === name));
  if (found.length === 1) return found[0]!;
  throw new UsageError(
    `--properties "${text}" names ${found.length === 0 ? "no contract" : `${found.length} contracts`}.`,
    `Allowed: FILE.sol:CONTRACT with one of ${contracts.map((one) => one.name).join(", ")}.`,
    "Its properties are functions named check_…, invariant_… or echidna_….",
  );
}

const tellsProperties = ({ abi, creation }: CompiledContract): boolean =>
  creation !== "0x" && abi.some((item) => item.type === "function" && isPropertyName(item.name));
