import { fileURLToPath } from "node:url";
import { compile } from "@testudo/contracts/compile";
import type { Build } from "./attackSuite.ts";

let builds: Record<string, Build> | undefined;

/** A compiled contract of the scenarios that are seen before their block. All at once: they share most of their sources. */
export function preblockBuild(contract: "WatchedWorld" | "ShelvedFlashLoan" | "SavingsBox" | "Mixer"): Build {
  builds ??= compile(
    ["WatchedWorld", "ShelvedFlashLoan"].map((name) =>
      fileURLToPath(new URL(`../../src/reference/${name}.sol`, import.meta.url)),
    ),
  );
  return builds[contract]!;
}
