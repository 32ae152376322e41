import { pathToFileURL } from "node:url";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import type { Address } from "@testudo/core/model/Hex";
import type { Program } from "@testudo/core/model/Program";
import type { SettingsSource } from "../../config/Config.ts";

/**
 * Where a program comes from. Detectors are functions and cannot be sent to a worker, so that the main thread and the
 * worker each build the program from the same source.
 */
export type ProgramSource =
  | { readonly kind: "zero-config"; readonly chainId: number; readonly protect: readonly Address[] }
  /** `accepted`: the texts that were checked, so that a later edit of the files changes nothing by itself. */
  | {
      readonly kind: "config";
      readonly path: string;
      readonly chainId: number;
      readonly accepted?: readonly SettingsSource[];
    }
  /** A module that exports `createProgram(params)`: how the drill and the tests bring their own. */
  | { readonly kind: "module"; readonly path: string; readonly params: unknown };

/** Builds the program. Throws what loading the source throws. */
export async function loadProgram(source: ProgramSource): Promise<Program> {
  switch (source.kind) {
    case "zero-config":
      return {
        chainId: source.chainId,
        watched: source.protect,
        detectors: zeroConfigDetectors(),
        playbooks: [],
        policy: null,
      };
    case "config": {
      // The other kinds need no parser, and this runs in each thread.
      const { loadConfig } = await import("../../config/loadConfig.ts");
      const { programOf } = await import("../../config/programOf.ts");
      return programOf(await loadConfig(source.path, source.accepted), source.chainId);
    }
    case "module": {
      const module = (await import(pathToFileURL(source.path).href)) as {
        createProgram?: (params: unknown) => Program;
      };
      if (typeof module.createProgram !== "function")
        throw new TypeError(
          `Module "${source.path}" exports no createProgram.\n- A program module exports createProgram(params).`,
        );
      return module.createProgram(source.params);
    }
    default:
      return never(source);
  }
}

function never(source: never): never {
  throw new TypeError(`Unknown program source ${JSON.stringify(source)}.`);
}
