import { z } from "zod";
import { address, list, strict, whole } from "../config/fields.ts";
import { bountySchema } from "./modules/bountySchema.ts";
import { groupSchema, programSchema, protectSchema, tripperSchema } from "./modules/breakerSchema.ts";
import { bridgeSchema } from "./modules/bridgeSchema.ts";
import { councilSchema } from "./modules/council.ts";
import { flowSchema } from "./modules/flow.ts";
import { fundSchema } from "./modules/fund.ts";
import { hookSchema } from "./modules/hookSchema.ts";
import { latencySchema } from "./modules/latency.ts";
import { marginSchema } from "./modules/margin.ts";
import { morphoSchema } from "./modules/morpho.ts";
import { oracleSchema } from "./modules/oracleSchema.ts";
import { oracleTripperSchema } from "./modules/oracleTripper.ts";
import { stewardSchema } from "./modules/stewardSchema.ts";
import { timelockSchema } from "./modules/timelock.ts";

const walletError =
  "Allowed: the address of a Safe.\n- testudo deploys no Safe: make one with these owners and m3 as its threshold, and name it here.";

/** What `testudo.deploy.ts` says. Breaker, council and timelock always; every other module where its key is there. */
export const deploymentFields = strict({
  chainId: whole(1, Number.MAX_SAFE_INTEGER),
  protect: list(protectSchema, 1, 7, "contracts"),
  groups: list(groupSchema, 0, 64, "groups").default([]),
  trippers: list(tripperSchema, 0, 64, "callers that trip a group by themselves").default([]),
  programs: list(programSchema, 1, 64, "callers that set guard rules by themselves").optional(),
  council: councilSchema,
  /** The Safe that proposes to the timelock; on a development chain a key will do. */
  slowWallet: z.custom<`0x${string}`>((value) => typeof value === "string", { error: walletError }).pipe(address),
  timelock: timelockSchema,
  oracle: oracleSchema.optional(),
  latency: latencySchema.optional(),
  flow: list(flowSchema, 1, 7, "limiters, one for each protected contract").optional(),
  fund: fundSchema.optional(),
  steward: stewardSchema.optional(),
  margin: marginSchema.optional(),
  oracleTrippers: list(oracleTripperSchema, 1, 16, "trippers, one for each market").optional(),
  morpho: list(morphoSchema, 1, 16, "faces, one for each market").optional(),
  bounty: bountySchema.optional(),
  hook: hookSchema.optional(),
  bridge: list(bridgeSchema, 1, 7, "guards, one for each bridge").optional(),
});

/** What a person writes. */
export type DeploymentConfig = z.input<typeof deploymentFields>;

/** A deployment after checking: addresses lower case, functions with their selectors, every default filled in. */
export type Deployment = z.output<typeof deploymentFields>;
