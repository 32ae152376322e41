import { isIP } from "node:net";
import { isHeadUrl } from "@testudo/chain/heads/isHeadUrl";
import { permissionsIn } from "@testudo/core/governance/permissionsIn";
import type { DetectorUse } from "@testudo/core/model/Detector";
import type { Playbook } from "@testudo/core/model/Playbook";
import { z } from "zod";
import { type ChannelSettings, channelSchema, escalationSchema } from "./channelSchema.ts";
import { defaultDataDir } from "./defaultDataDir.ts";
import { address, flag, hardfork, list, strict, text, url, whole } from "./fields.ts";
import { nodeTwice } from "./nodeOf.ts";
import { compositeSchema, observeSchema } from "./observeSchema.ts";
import { peopleSchema } from "./peopleSchema.ts";
import { policySchema } from "./policySchema.ts";
import { preblockSchema } from "./preblockSchema.ts";

const protect = z
  .union([address, strict({ name: text("a name for people"), address })], {
    error: "Allowed: an address, or { name, address }.",
  })
  .transform((value) => (typeof value === "string" ? { name: undefined, address: value } : value));

const detectorError =
  "Allowed: what useDetector(), invariant() or another detector function returns, with a runbook and an owner.";
const detector = z.custom<DetectorUse>(isDetectorUse, { error: detectorError }).superRefine(({ meta }, context) => {
  // Mandatory: an alert that nobody owns is read by nobody.
  for (const field of ["runbook", "owner"] as const)
    if (!isFilled(meta[field]))
      context.addIssue({
        code: "custom",
        message: `${detectorError}\n- Say in its \`${field}\` ${field === "owner" ? "who answers for it" : "where it stands what to do"}.`,
        params: { what: `Detector "${meta.id}" has an empty ${field}.` },
      });
});

function isDetectorUse(value: unknown): value is DetectorUse {
  const use = value as Partial<DetectorUse> | null | undefined;
  return typeof use?.detect === "function" && isFilled(use.meta?.id);
}

function isFilled(text: unknown): boolean {
  return typeof text === "string" && text.trim() !== "";
}

const playbook = z.custom<Playbook>(
  (value) => {
    const it = value as Partial<Playbook> | null | undefined;
    return typeof it?.id === "string" && typeof it.matches === "function" && typeof it.plan === "function";
  },
  { error: "Allowed: what pausePlaybook() returns, or { id, version, matches, plan }." },
);

const remote = strict({
  chainId: whole(1, Number.MAX_SAFE_INTEGER),
  rpc: list(url(["http", "https"]), 1, 8, "node URLs"),
});

const loopbackError =
  "Allowed: a loopback address (127.0.0.1, ::1, localhost); put a proxy with a login in front to go further.";
const host = z
  .string({ error: loopbackError })
  .refine((name) => name === "localhost" || name === "::1" || (isIP(name) === 4 && name.startsWith("127.")), {
    error: loopbackError,
  });

const blockError = "Allowed: a block number, 0 or more.";
const block = z
  .union([z.int({ error: blockError }).min(0, { error: blockError }), z.bigint().min(0n, { error: blockError })], {
    error: blockError,
  })
  .transform((value) => BigInt(value));

// A node that is named twice, in whatever spelling, is one node all the same.
const refuseNodeTwice = (key: string, because: string) => (urls: readonly string[], context: z.RefinementCtx) => {
  // What is no URL has been refused for that.
  const twice = urls.every((text) => URL.canParse(text)) ? nodeTwice(urls) : undefined;
  if (twice === undefined) return;
  const message = `Allowed: each node once, in whatever spelling; this is ${key}[${twice.first}] again, ${because}.`;
  context.addIssue({ code: "custom", path: [twice.index], message });
};

const headUrlError = "Allowed: a URL that starts with ws:// or wss://, without a fragment.";
const headUrl = z.string({ error: headUrlError }).refine(isHeadUrl, { error: headUrlError });

/** The whole configuration; gives all defaults except those that depend on the file's place. */
export const configSchema = strict({
  rpc: list(url(["http", "https"]), 1, 8, "node URLs").superRefine(
    refuseNodeTwice("rpc", "and a node cannot confirm itself"),
  ),
  heads: list(headUrl, 0, 8, "WebSocket URLs")
    .default([])
    .superRefine(refuseNodeTwice("heads", "and its second socket tells nothing new")),
  quorum: whole(1, 8, "nodes").optional(),
  chainId: whole(1, Number.MAX_SAFE_INTEGER).optional(),
  remotes: list(remote, 0, 16, "chains")
    .default([])
    .superRefine((chains, context) =>
      refuseTwice(
        chains.map(({ chainId }) => `${chainId}`),
        (i, first) => {
          const message = `Allowed: each chain once; this is remotes[${first}] again.`;
          context.addIssue({ code: "custom", path: [i, "chainId"], message });
        },
      ),
    ),
  protect: list(protect, 1, 256, "addresses").superRefine((contracts, context) =>
    refuseTwice(
      contracts.map((contract) => contract.address),
      (i, first) => {
        const message = `Allowed: each address once; this is protect[${first}] again.`;
        context.addIssue({ code: "custom", path: [i], message });
      },
    ),
  ),
  detectors: list(detector, 1, 256, "detectors").optional(),
  rules: z
    .union([text("a rules file's path"), list(text("a rules file's path"), 1, 64, "paths")], {
      error: 'Allowed: a rules file\'s path, such as "testudo.rules.yaml", or a list of paths.',
    })
    .transform((value) => (typeof value === "string" ? [value] : value))
    .default([]),
  playbooks: list(playbook, 0, 64, "playbooks").default([]),
  policy: policySchema.optional(),
  channels: list(channelSchema, 1, 32, "channels").default([
    { type: "terminal", name: undefined, minSeverity: "info" },
  ]),
  escalations: list(escalationSchema, 0, 32, "escalations").default([]),
  api: strict({ port: whole(1, 65_535).default(4600), host: host.default("127.0.0.1") }).default({
    port: 4600,
    host: "127.0.0.1",
  }),
  people: peopleSchema,
  dataDir: text("a folder's path").default(defaultDataDir),
  pollMs: whole(50, 60_000, "ms").default(500),
  detectorLimitMs: whole(10, 60_000, "ms").default(250),
  sender: strict({ keystore: text("a keystore file's path"), passwordFile: text("a password file's path") }).optional(),
  deployment: strict({
    file: text("a deployment file's path"),
    plan: text("a plan file's path").optional(),
    everyMinutes: whole(1, 1_440, "minutes").default(10),
  }).optional(),
  observe: observeSchema.optional(),
  preblock: preblockSchema.optional(),
  reexecute: flag.optional(),
  hardfork: hardfork.optional(),
  calibration: text("a calibration file's path").optional(),
  applyCalibration: flag.optional(),
  composite: compositeSchema.optional(),
  fromBlock: block.optional(),
  deliverHistory: flag.default(false),
})
  .superRefine(({ quorum, rpc }, context) => {
    if (quorum === undefined || quorum <= rpc.length) return;
    const message = `Allowed: 1 to ${rpc.length}, as many nodes as \`rpc\` names.`;
    context.addIssue({ code: "custom", path: ["quorum"], message });
  })
  .superRefine(({ policy, calibration }, context) => {
    if (policy === undefined || calibration !== undefined) return;
    // Nothing would ever be rare enough, and that would show in an attack.
    for (const { path, permission } of permissionsIn(policy)) {
      const message = "Allowed: a budget beside `calibration`, which says what is beyond it.";
      if (permission.budgetPpm !== undefined)
        context.addIssue({ code: "custom", path: ["policy", ...path, "budgetPpm"], message });
    }
  })
  .superRefine(({ escalations, channels }, context) => {
    const names = channels.map(nameOfChannel);
    escalations.forEach(({ to }, i) => {
      to.forEach((name, j) => {
        const message = `Allowed: names of channels: ${names.join(", ")}.`;
        if (!names.includes(name)) context.addIssue({ code: "custom", path: ["escalations", i, "to", j], message });
      });
    });
  })
  .superRefine(({ detectors = [], channels }, context) => {
    refuseTwice(
      detectors.map((use) => use.meta.id),
      (i) => {
        // Memory and alert identity hang on the id: two under one id would write over each other.
        const message = `Allowed: each detector id once; "${detectors[i]!.meta.id}" is used before.`;
        context.addIssue({ code: "custom", path: ["detectors", i], message });
      },
    );
    refuseTwice(channels.map(nameOfChannel), (i) => {
      const message = `Allowed: each channel name once; "${nameOfChannel(channels[i]!, i)}" is used before.`;
      context.addIssue({ code: "custom", path: ["channels", i], message });
    });
  });

/** The name of a channel: its own, or its type and place. */
export function nameOfChannel(
  item: { type: ChannelSettings["type"]; name?: string | undefined },
  index: number,
): string {
  return item.name ?? `${item.type}-${index + 1}`;
}

function refuseTwice(names: readonly string[], refuse: (index: number, first: number) => void): void {
  names.forEach((name, i) => {
    const first = names.indexOf(name);
    if (first < i) refuse(i, first);
  });
}
