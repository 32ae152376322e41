// Runs Forta bots in a thread of their own: their handlers are async and a detector is not, so that the detection thread waits
// until this one has said what they found. What differs from run to run is taken from them: the clock shows the block's time,
// chance follows from the block's hash, and there is no network unless their owner allowed it.
import { createHash } from "node:crypto";
import dgram from "node:dgram";
import { createRequire, syncBuiltinESMExports } from "node:module";
import net from "node:net";
import { sep } from "node:path";
import { pathToFileURL } from "node:url";
import { workerData } from "node:worker_threads";
import type { BotBlock, BotFinding, BotReply, BotThreadData, BotTransaction } from "./BotMessage.ts";
import { type FoundBy, toBotFinding } from "./toBotFinding.ts";

interface Bot {
  readonly id: string;
  readonly sdk: Sdk;
  readonly handlers: Handlers;
  subscriptions: readonly Subscription[];
}

interface Handlers {
  readonly initialize?: () => Promise<
    { readonly alertConfig?: { readonly subscriptions?: readonly Subscription[] } } | undefined
  >;
  readonly handleBlock?: (event: unknown) => Promise<readonly FoundBy[]>;
  readonly handleTransaction?: (event: unknown) => Promise<readonly FoundBy[]>;
  readonly handleAlert?: (event: unknown) => Promise<readonly FoundBy[]>;
}

interface Subscription {
  readonly botId: string;
  readonly alertId?: string;
  readonly alertIds?: readonly string[];
  readonly chainId?: number;
}

/** What is used of forta-agent: the bot's own copy, so that its `instanceof` holds. */
interface Sdk {
  readonly createBlockEvent: (input: object) => unknown;
  readonly createTransactionEvent: (input: object) => unknown;
  readonly createAlertEvent: (input: object) => unknown;
  readonly Alert: { readonly fromObject: (input: object) => unknown };
}

const { bots: sources, allowsNetwork, signal, port } = workerData as BotThreadData;
const done = new Int32Array(signal);

const clock = { ms: 0 };
const chance = { seed: "", count: 0 };
fixClock();
if (!allowsNetwork) closeNetwork();

let bots: readonly Bot[] = [];
let isInitialized = false;
let lastHash: string | undefined;

// Whoever waits for this thread would wait for all of its time.
process.on("exit", () =>
  reply({ kind: "failed", message: "its code ended its thread, or waits for what never comes." }),
);
try {
  bots = await loadAll();
  reply({ kind: "ready" });
} catch (error) {
  reply(failed(error));
}
port.on("message", (block: BotBlock) => {
  void judge(block).then(
    (findings) => reply({ kind: "found", findings }),
    (error: unknown) => reply(failed(error)),
  );
});

function failed(error: unknown): BotReply {
  return { kind: "failed", message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}

function reply(message: BotReply): void {
  port.postMessage(message);
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
}

async function loadAll(): Promise<readonly Bot[]> {
  const loaded: Bot[] = [];
  for (const { id, module } of sources) {
    const require = createRequire(module);
    const exported = await loadModule(module, require);
    const handlers = (exported.default ?? exported) as Handlers;
    if (
      [handlers.handleBlock, handlers.handleTransaction, handlers.handleAlert].every(
        (handler) => typeof handler !== "function",
      )
    )
      throw new TypeError(`Bot "${id}" exports no handleBlock, handleTransaction or handleAlert: "${module}".`);
    loaded.push({ id, sdk: require("forta-agent") as Sdk, handlers, subscriptions: [] });
  }
  return loaded;
}

async function loadModule(module: string, require: NodeJS.Require): Promise<{ readonly default?: unknown }> {
  try {
    return require(module) as { readonly default?: unknown };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_REQUIRE_ESM") throw error;
    chance.count += 1;
    return (await import(`${pathToFileURL(module).href}?load=${chance.count}`)) as { readonly default?: unknown };
  }
}

/** Bots as they are when they are new. Their libraries stay loaded; what the bots' own files remember does not. */
async function renew(): Promise<void> {
  const require = createRequire(sources[0]!.module);
  for (const file of Object.keys(require.cache))
    if (!file.includes(`${sep}node_modules${sep}`)) delete require.cache[file];
  bots = await loadAll();
  isInitialized = false;
}

async function judge(block: BotBlock): Promise<readonly BotFinding[]> {
  clock.ms = block.block.timestamp * 1_000;
  chance.seed = block.block.hash;
  chance.count = 0;
  process.env.FORTA_CHAIN_ID = String(block.chainId);
  // What the bots remember is of another branch: it was not written through a journal, and cannot be taken back.
  if (lastHash !== undefined && lastHash !== block.block.parentHash) await renew();
  lastHash = block.block.hash;
  if (!isInitialized) await initialize();
  const found: BotFinding[] = [];
  for (const bot of bots) {
    const { handleBlock, handleTransaction } = bot.handlers;
    const network = block.chainId;
    if (handleBlock !== undefined)
      found.push(...(await ask(bot, handleBlock, bot.sdk.createBlockEvent({ network, block: block.block }))));
    if (handleTransaction === undefined) continue;
    for (const tx of block.txs) {
      const event = bot.sdk.createTransactionEvent({ network, ...tx, block: block.block });
      found.push(...(await ask(bot, handleTransaction, event, tx)));
    }
  }
  return [...found, ...(await tellAlerts(block, found))];
}

async function initialize(): Promise<void> {
  for (const bot of bots) {
    process.env.FORTA_BOT_ID = bot.id;
    const answer = await bot.handlers.initialize?.();
    bot.subscriptions = answer?.alertConfig?.subscriptions ?? [];
  }
  isInitialized = true;
}

/** What `bot` finds in `event`, which is of `tx` where that is given. */
async function ask(
  bot: Bot,
  handle: NonNullable<Handlers["handleBlock"]>,
  event: unknown,
  tx?: BotTransaction,
): Promise<readonly BotFinding[]> {
  // The SDK's getBotId() reads it.
  process.env.FORTA_BOT_ID = bot.id;
  return ((await handle(event)) ?? []).map((found) => toBotFinding(bot.id, tx, found));
}

// Bots that listen to each other would never end.
const mostRounds = 4;

/** What one bot found is an alert to those that subscribed to it; what they then find, to others. */
async function tellAlerts(block: BotBlock, first: readonly BotFinding[]): Promise<readonly BotFinding[]> {
  const all: BotFinding[] = [];
  let news = first;
  for (let round = 0; round < mostRounds && news.length > 0; round++) {
    const next: BotFinding[] = [];
    for (const finding of news)
      for (const bot of bots) {
        const isWanted = bot.subscriptions.some((wanted) => fits(wanted, finding, block.chainId));
        if (!isWanted || bot.handlers.handleAlert === undefined) continue;
        const event = bot.sdk.createAlertEvent({ alert: bot.sdk.Alert.fromObject(alertOf(finding, block)) });
        const tx = finding.txHash === undefined ? {} : { txHash: finding.txHash };
        next.push(...(await ask(bot, bot.handlers.handleAlert, event)).map((one) => ({ ...one, ...tx })));
      }
    all.push(...next);
    news = next;
  }
  return all;
}

function fits({ botId, alertId, alertIds, chainId }: Subscription, finding: BotFinding, chain: number): boolean {
  const wanted = alertIds ?? (alertId === undefined ? undefined : [alertId]);
  return (
    botId === finding.bot && (wanted === undefined || wanted.includes(finding.alertId)) && (chainId ?? chain) === chain
  );
}

const severities = ["UNKNOWN", "INFO", "LOW", "MEDIUM", "HIGH", "CRITICAL"];
const types = ["UNKNOWN", "EXPLOIT", "SUSPICIOUS", "DEGRADED", "INFORMATION", "SCAM"];

function alertOf(finding: BotFinding, { chainId, block }: BotBlock): object {
  const { name, description, alertId, protocol, metadata, bot, txHash } = finding;
  // As Forta's own alerts have them; the SDK compares letter by letter.
  const addresses = finding.addresses.map((address) => address.toLowerCase());
  const createdAt = new Date(clock.ms).toISOString();
  return {
    ...{ name, description, alertId, protocol, addresses, metadata, chainId, createdAt },
    hash: `0x${createHash("sha256")
      .update(JSON.stringify([block.hash, finding]))
      .digest("hex")}`,
    severity: severities[finding.severity] ?? "UNKNOWN",
    findingType: types[finding.type] ?? "UNKNOWN",
    labels: finding.labels.map(({ isRemoved, ...label }) => ({ ...label, remove: isRemoved })),
    source: {
      ...(txHash === undefined ? {} : { transactionHash: txHash }),
      block: { chainId, hash: block.hash, number: block.number, timestamp: createdAt },
      bot: { id: bot },
    },
  };
}

function fixClock(): void {
  const Real = Date;
  globalThis.Date = new Proxy(Real, {
    get: (original, key) => (key === "now" ? () => clock.ms : Reflect.get(original, key)),
    construct: (original, args, target) => Reflect.construct(original, args.length === 0 ? [clock.ms] : args, target),
    apply: () => new Real(clock.ms).toString(),
  });
  Math.random = () => {
    chance.count += 1;
    return createHash("sha256").update(`${chance.seed} ${chance.count}`).digest().readUInt32BE(0) / 2 ** 32;
  };
}

/** Against what a bot does by habit, not against one that means harm: who runs a bot runs its code. */
function closeNetwork(): void {
  const refuse = (): never => {
    throw new Error("A bot called the network, which its owner did not allow: set `network: true` for it.");
  };
  net.Socket.prototype.connect = refuse as never;
  dgram.createSocket = refuse as never;
  globalThis.fetch = async () => refuse();
  syncBuiltinESMExports();
}
