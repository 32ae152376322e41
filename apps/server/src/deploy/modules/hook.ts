import { bountyRules, exploitProofHook, honkExploitVerifier } from "@testudo/contracts";
import type { Hex } from "@testudo/core/model/Hex";
import { encodeDeployData, encodeFunctionData } from "viem/utils";
import { type CallExpectation, type Context, type DeployModule, type Setting, whyOf } from "../DeployModule.ts";
import { durationOf, type RoleText } from "../roleWords.ts";
import { severities } from "./bountySchema.ts";
import { healthyOf } from "./healthyOf.ts";
import type { HookFile } from "./hookSchema.ts";

type ProgramFile = HookFile["programs"][number];

/** The hook of `file` with a verifier for each program; `groupOf` gives the id of a group by its name. */
export function hookModule(file: HookFile, groupOf: (name: string) => Hex): DeployModule {
  const groups = [...new Set(file.programs.map(({ group }) => groupOf(group)))];
  return {
    name: "hook",
    contracts: ["hook", ...file.programs.map(verifierName)],
    creations: (context) => [
      {
        contract: "hook",
        code: encodeDeployData({
          ...exploitProofHook,
          args: [context.addressOf("breaker"), context.addressOf("bounty"), context.addressOf("timelock")],
        }),
      },
      ...file.programs.map((item) => ({
        contract: verifierName(item),
        code: encodeDeployData({ ...honkExploitVerifier, args: [item.honk] }),
      })),
    ],
    // Of these groups and no other: a proof is about the code that its program names.
    registers: (context) => ({ trippers: groups.map((group) => ({ caller: context.addressOf("hook"), group })) }),
    settings: (context) => [
      proverSetting(context),
      ...file.programs.map((item) => programSetting(item, groupOf, context)),
    ],
    expects: (context) => {
      const base = baseOf(context);
      return [
        { ...base, field: "breaker", functionName: "breaker", expected: context.addressOf("breaker") },
        { ...base, field: "vault", functionName: "vault", expected: context.addressOf("bounty") },
        { ...base, field: "timelock", functionName: "timelock", expected: context.addressOf("timelock") },
        ...file.programs.flatMap((item): CallExpectation[] => [
          {
            ...base,
            to: context.addressOf(verifierName(item)),
            abi: honkExploitVerifier.abi,
            field: `verifier behind that of ${item.id.name}`,
            functionName: "honk",
            expected: item.honk,
          },
          programProof(item, groupOf, context),
        ]),
        {
          kind: "logs",
          module: "hook",
          field: "programs",
          address: base.to,
          abi: base.abi,
          events: ["ProgramSet"],
          sum: (logs) => [...new Set(logs.map(({ args }) => String(args.programId)))].sort(),
          expected: file.programs.map(({ id }) => id.id).sort(),
        },
        healthyOf(base),
      ];
    },
  };
}

const verifierName = ({ id }: ProgramFile) => `verifier ${id.name}`;

function baseOf(context: Context) {
  return { kind: "call", module: "hook", to: context.addressOf("hook"), abi: exploitProofHook.abi } as const;
}

// Two of the modules wait for it: the list of provers is the rules', the hook's health is its own.
function proverSetting(context: Context): Setting {
  const hook = context.addressOf("hook");
  const to = context.addressOf("rules");
  const proof = {
    kind: "call",
    to,
    abi: bountyRules.abi,
    functionName: "isProver",
    args: [hook],
    expected: true,
  } as const;
  return {
    what: "rules: the hook becomes a prover",
    to,
    data: encodeFunctionData({ abi: bountyRules.abi, functionName: "setProver", args: [hook, true, whyOf(context)] }),
    proofs: [
      { ...proof, module: "rules", field: `prover ${hook}` },
      { ...proof, module: "hook", field: "prover of the vault" },
    ],
  };
}

function programSetting(item: ProgramFile, groupOf: (name: string) => Hex, context: Context): Setting {
  const data = encodeFunctionData({
    abi: exploitProofHook.abi,
    functionName: "setProgram",
    args: [item.id.id, programOf(item, groupOf, context), whyOf(context)],
  });
  const proofs = [programProof(item, groupOf, context)];
  return { what: `hook: program ${item.id.name}`, to: context.addressOf("hook"), data, proofs };
}

function programProof(item: ProgramFile, groupOf: (name: string) => Hex, context: Context): CallExpectation {
  return {
    ...baseOf(context),
    field: `program ${item.id.name}`,
    functionName: "programOf",
    args: [item.id.id],
    expected: programOf(item, groupOf, context),
  };
}

function programOf(item: ProgramFile, groupOf: (name: string) => Hex, context: Context) {
  return {
    verifier: context.addressOf(verifierName(item)),
    source: item.source,
    pauseSeconds: item.pauseSeconds,
    modelVersion: item.modelVersion,
    group: groupOf(item.group),
    vkHash: item.vkHash,
    targets: [...item.targets],
    buckets: item.buckets.map(({ lossLowerBound, severity }) => ({
      lossLowerBound,
      severity: severities.indexOf(severity),
    })),
  };
}

/** What each role of the hook can do. */
export function hookRoles({ programs }: HookFile): readonly RoleText[] {
  return programs.flatMap(({ id, group, pauseSeconds, source, buckets }): readonly RoleText[] => [
    {
      role: `whoever proves an exploit of ${id.name}`,
      text: `Pauses the group "${group}" for ${durationOf(pauseSeconds)} and no other, once for each hole, and has the floor of its severity reserved in the bounty vault (from a loss of ${buckets[0]!.lossLowerBound} units on). What is paid, attestors find.`,
    },
    {
      role: `the source ${source} of the program ${id.name}`,
      text: `Says from which states of the protocol a proof may start, each good for 256 blocks. A false one lets a false proof pause the group "${group}" and reserve a floor; it pays nothing by itself.`,
    },
  ]);
}
