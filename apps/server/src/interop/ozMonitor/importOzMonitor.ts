import type { Severity } from "@testudo/core/model/Finding";
import { stringify } from "yaml";
import { literalOf } from "../../config/literalOf.ts";
import { readRules } from "../../rules/readRules.ts";
import type { RulesInput } from "../../rules/rulesSchema.ts";
import { channelOfTrigger, type ImportedChannel } from "./channelOfTrigger.ts";
import { freeName } from "./freeName.ts";
import type { OzNetwork, OzTrigger, Unmapped } from "./OzMonitor.ts";
import { type OzFolder, readOzFolder } from "./readOzFolder.ts";
import { rulesOfMonitor } from "./rulesOfMonitor.ts";
import { codeOfUrl } from "./sourceOfSecret.ts";
import { variableOf } from "./variableOf.ts";

/** What a folder of OpenZeppelin Monitor's comes to: a configuration for each of its networks, and what has no counterpart. */
export interface Imported {
  readonly networks: readonly ImportedNetwork[];
  readonly unmapped: readonly Unmapped[];
}

export interface ImportedNetwork {
  readonly slug: string;
  readonly rules: number;
  /** `testudo.config.ts` and `testudo.rules.yaml`. */
  readonly files: readonly { readonly name: string; readonly text: string }[];
}

/** Reads `folder` and writes nothing (INT-01). OpenZeppelin Monitor knows no severity: all get `severity`. Throws OzFolderUnread. */
export function importOzMonitor(folder: string, severity: Severity): Imported {
  const read = readOzFolder(folder);
  const unmapped: Unmapped[] = [];
  const folders = new Set<string>();
  const triggers = namedTriggers(read);
  const networks = read.networks.flatMap(({ file, value }) => {
    if (value.network_type.toUpperCase() !== "EVM") {
      unmapped.push({
        file,
        part: "network_type",
        what: `${value.network_type} is no EVM network: "${value.slug}" and its monitors are left out.`,
      });
      return [];
    }
    return importNetwork({ monitors: read.monitors, triggers }, value, file, severity, unmapped, folders);
  });
  const slugs = read.networks.map(({ value }) => value.slug);
  for (const { file, value } of read.monitors)
    for (const slug of value.networks.filter((name) => !slugs.includes(name)))
      unmapped.push({ file, part: "networks", what: `Network "${slug}" is in no file.` });
  for (const { file, value } of read.networks) tellUnknown(value, networkKeys, file, unmapped);
  for (const { file, value } of read.monitors) tellUnknown(value, monitorKeys, file, unmapped);
  for (const file of read.others)
    unmapped.push({
      file,
      part: "file",
      what: "Scripts are not run: what they filter is told too, and what they send is not sent.",
    });
  for (const file of read.unread) unmapped.push({ file, part: "file", what: "Is no plain file, and is not read." });
  return { networks, unmapped: deduplicated(unmapped) };
}

const networkKeys = ["network_type", "slug", "name", "rpc_urls", "chain_id", "network_passphrase", "block_time_ms"];
const monitorKeys = ["name", "networks", "paused", "addresses", "match_conditions", "trigger_conditions", "triggers"];
const ownWays: ReadonlyMap<string, string> = new Map([
  ["confirmation_blocks", "Alerts are told at once, and taken back when their block is orphaned."],
  ["cron_schedule", "Blocks are judged as they come."],
  ["max_past_blocks", "No block is skipped, however long the watch was away."],
  ["store_blocks", "Blocks are not stored; findings and their evidence are."],
]);

function tellUnknown(value: object, known: readonly string[], file: string, unmapped: Unmapped[]): void {
  for (const key of Object.keys(value).filter((name) => !known.includes(name)))
    unmapped.push({ file, part: key, what: ownWays.get(key) ?? "Not known here, and not taken over." });
}

interface NamedTrigger {
  readonly id: string;
  readonly name: string;
  readonly file: string;
  readonly value: OzTrigger;
}

/** Each trigger with the name of its channel, which no other has. The terminal that every configuration gets is one, too. */
function namedTriggers({ triggers }: OzFolder): readonly NamedTrigger[] {
  const taken = new Set<string>();
  freeName("terminal-1", taken);
  return triggers.map((trigger) => {
    const base = trigger.id.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 50);
    return { ...trigger, name: freeName(base === "" ? "channel" : base, taken) };
  });
}

/** The folder for a network: it stands within the one that is written to, and no other network has it. */
function folderOf({ slug }: OzNetwork, taken: Set<string>): string {
  const base = slug
    .replace(/[^\w.-]/g, "_")
    .replace(/^\.+/, "_")
    .slice(0, 80);
  return freeName(base === "" ? "network" : base, taken);
}

function importNetwork(
  { monitors, triggers }: { readonly monitors: OzFolder["monitors"]; readonly triggers: readonly NamedTrigger[] },
  network: OzNetwork,
  file: string,
  severity: Severity,
  unmapped: Unmapped[],
  folders: Set<string>,
): readonly ImportedNetwork[] {
  const own = monitors.filter(({ value }) => value.networks.includes(network.slug));
  const ids = new Set<string>();
  // By id, the monitors that name it.
  const wanted = new Map<string, Wanted[]>();
  const owners = new Set<string>();
  const rules: RulesInput["rules"] = own.flatMap((monitor) => {
    const { value } = monitor;
    const tell = (part: string, what: string) => void unmapped.push({ file: monitor.file, part, what });
    if (value.paused) {
      tell("paused", `Monitor "${value.name}" is paused and left out.`);
      return [];
    }
    for (const [i, { script_path }] of value.trigger_conditions.entries())
      tell(
        `trigger_conditions[${i}]`,
        `Script "${script_path}" is not run: its monitor tells what the script would have held back.`,
      );
    const owner = freeId(value.name, ids);
    const found = rulesOfMonitor(value, owner, tell);
    if (found.length === 0) {
      tell("match_conditions", `Monitor "${value.name}" has no condition left and is left out.`);
      return [];
    }
    owners.add(owner);
    for (const id of new Set(value.triggers))
      wanted.set(id, [...(wanted.get(id) ?? []), { owner, file: monitor.file }]);
    return [...found];
  });
  if (rules.length === 0) {
    unmapped.push({
      file,
      part: "slug",
      what: `No monitor is left for network "${network.slug}": no configuration is written.`,
    });
    return [];
  }
  const rulesText = stringify({ defaults: { severity, runbook: "RUNBOOK.md#it-paged" }, rules }, { lineWidth: 0 });
  // What is written has to load: better to fail here than at the first start.
  readRules("testudo.rules.yaml", rulesText);
  const slug = folderOf(network, folders);
  const rpc = rpcOf(network, slug, file, unmapped);
  const named = triggers.filter(({ id }) => wanted.has(id));
  const tellOf =
    ({ file: place }: NamedTrigger) =>
    (part: string, what: string) =>
      void unmapped.push({ file: place, part, what });
  const ownersOf = new Map<string, readonly string[]>();
  for (const trigger of named) {
    const own = ownersFor(trigger, wanted.get(trigger.id)!, owners.size, tellOf(trigger));
    if (own !== undefined) ownersOf.set(trigger.id, own);
  }
  const channels = named.map((trigger) =>
    channelOfTrigger({ ...trigger, owners: ownersOf.get(trigger.id) }, tellOf(trigger)),
  );
  for (const [id, [first]] of wanted)
    if (!triggers.some((trigger) => trigger.id === id))
      unmapped.push({ file: first!.file, part: "triggers", what: `Trigger "${id}" is in no file.` });
  const addresses = [...new Set(rules.flatMap(({ address }) => (Array.isArray(address) ? address : [])))];
  return [
    {
      slug,
      rules: rules.length,
      files: [
        {
          name: "testudo.config.ts",
          text: configText({ network, rpc, channels, isSplit: ownersOf.size > 0, addresses }),
        },
        { name: "testudo.rules.yaml", text: rulesText },
      ],
    },
  ];
}

/** A monitor that names a trigger: the owner of its rules, and its file. */
interface Wanted {
  readonly owner: string;
  readonly file: string;
}

// In whose names the detectors that need no configuration speak, and the watch of itself.
const builtIn = ["operator", "protocol", "risk"];
// As many as a channel takes.
const mostOwners = 64;

/** Whose findings a trigger's channel gets: those of the monitors that name it. Undefined where these are all that there are. */
function ownersFor(
  { id }: NamedTrigger,
  monitors: readonly Wanted[],
  all: number,
  tell: (part: string, what: string) => void,
): readonly string[] | undefined {
  if (monitors.length === all) return undefined;
  const owners = [...monitors.map(({ owner }) => owner), ...builtIn];
  if (owners.length <= mostOwners) return owners;
  tell(
    id,
    `It gets the alerts of all monitors: a channel can name ${mostOwners} owners, and here are ${owners.length}.`,
  );
  return undefined;
}

function freeId(name: string, taken: Set<string>): string {
  const base = `oz-${name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")}`
    .replace(/-$/, "")
    .slice(0, 60)
    .replace(/-$/, "");
  let id = base;
  for (let i = 2; taken.has(id); i++) id = `${base}-n${i}`;
  taken.add(id);
  return id;
}

const mostNodes = 8;

function rpcOf({ rpc_urls }: OzNetwork, slug: string, file: string, unmapped: Unmapped[]): readonly string[] {
  const tell = (i: number, what: string) => void unmapped.push({ file, part: `rpc_urls[${i}]`, what });
  const sources = rpc_urls.flatMap(({ url }, i) => {
    const plain = typeof url === "string" ? url : url.type.toLowerCase() === "plain" ? url.value : undefined;
    if (plain !== undefined && !/^https?:\/\//.test(plain)) {
      tell(i, "Only http and https nodes are asked.");
      return [];
    }
    return [codeOfUrl(url, variableOf(`${slug}_RPC_${i + 1}`), (what) => tell(i, what))];
  });
  for (let i = mostNodes; i < sources.length; i++) tell(i, `Only ${mostNodes} nodes are asked.`);
  return sources.slice(0, mostNodes);
}

interface ConfigParts {
  readonly network: OzNetwork;
  readonly rpc: readonly string[];
  readonly channels: readonly ImportedChannel[];
  /** Some channels get the findings of some monitors only. */
  readonly isSplit: boolean;
  readonly addresses: readonly string[];
}

function configText({ network, rpc, channels, isSplit, addresses }: ConfigParts): string {
  const on = channels.filter(({ isOn }) => isOn).map(({ code }) => `    ${code},`);
  const off = channels.filter(({ isOn }) => !isOn).map(({ code }) => `    // ${code}`);
  const chain = typeof network.chain_id === "number" ? [`  chainId: ${network.chain_id},`] : [];
  const split = isSplit
    ? `// A channel with \`owners\` gets what the monitors found that named it, and what those detectors and the watch itself say
// (${builtIn.join(", ")}).\n`
    : "";
  // Nothing of the files stands in a comment: no text ends a line of its own accord then.
  return `// Imported from OpenZeppelin Monitor. What its monitors found, the rules in testudo.rules.yaml find.
// The detectors that need no configuration run beside them.
${split}import { defineConfig, env } from "testudo";

export default defineConfig({
  rpc: [${(rpc.length === 0 ? ['env("RPC_URL")'] : rpc).join(", ")}],
${[...chain, `  protect: [${addresses.map(literalOf).join(", ")}],`].join("\n")}
  rules: "testudo.rules.yaml",
  channels: [
    { type: "terminal" },
${[...on, ...off].map((line) => `${line}\n`).join("")}  ],
});
`.replace(
    "import { defineConfig, env }",
    /env\("/.test([...rpc, ...on].join("")) || rpc.length === 0
      ? "import { defineConfig, env }"
      : "import { defineConfig }",
  );
}

function deduplicated(list: readonly Unmapped[]): readonly Unmapped[] {
  const keys = new Set<string>();
  return list.filter((item) => {
    const key = JSON.stringify(item);
    return !keys.has(key) && keys.add(key);
  });
}
