import { marginCalibrator } from "@testudo/contracts";
import { encodeDeployData } from "viem/utils";
import type { z } from "zod";
import { strict } from "../../config/fields.ts";
import type { DeployModule } from "../DeployModule.ts";
import { hash32 } from "../deployFields.ts";
import { healthyOf } from "./healthyOf.ts";

/** The calibrator, which stands for the description of one margin model. */
export const marginSchema = strict({ modelHash: hash32 });

/** The calibrator of `file`. */
export function marginModule({ modelHash }: z.output<typeof marginSchema>): DeployModule {
  return {
    name: "margin",
    contracts: ["margin"],
    creations: () => [{ contract: "margin", code: encodeDeployData({ ...marginCalibrator, args: [modelHash] }) }],
    expects: (context) => {
      const base = {
        kind: "call",
        module: "margin",
        to: context.addressOf("margin"),
        abi: marginCalibrator.abi,
      } as const;
      return [{ ...base, field: "modelHash", functionName: "modelHash", expected: modelHash }, healthyOf(base)];
    },
  };
}
