// The contracts that are measured, deployed once. What stands there then is a file that every engine begins with, so that all
// of them run the same code on the same state.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fromHex, toHex } from "../../packages/evm/dist/hex.js";
import { openEngine } from "../../packages/evm/dist/openEngine.js";

const out = fileURLToPath(new URL("out", import.meta.url));
const deployer = "0x00000000000000000000000000000000000d0e01";
/** Whom forge's tests are sent from. */
export const sender = "0x1804c8ab1f12e6bbf3894d4083f33e07309d1f38";

/** What forge compiled of `contract`, which stands in `file`. */
export function artifact(file, contract) {
  const { bytecode, methodIdentifiers } = JSON.parse(readFileSync(`${out}/${file}.sol/${contract}.json`, "utf8"));
  const selectors = Object.entries(methodIdentifiers).map(([name, hex]) => [name.split("(")[0], fromHex(`0x${hex}`)]);
  return { creation: bytecode.object, selectors: Object.fromEntries(selectors) };
}

/** Where forge finds the world `name`. */
export const fileOf = (name) => `bench/evm/out/worlds/${name}.json`;

const blockOf = ({ number, timestamp }) => ({
  number: BigInt(number),
  timestamp: BigInt(timestamp),
  gasLimit: 1n << 60n,
  baseFeePerGas: 0n,
  coinbase: "0x00000000000000000000000000000000000c01b0",
  prevRandao: 7n,
  excessBlobGas: 0n,
});

/** Our engine on `accounts`, as a genesis file has them. */
export function open(accounts, at, hooks = {}) {
  const parsed = Object.entries(accounts).map(([address, { balance, nonce, code, storage }]) => [
    address.toLowerCase(),
    {
      balance: BigInt(balance),
      nonce: BigInt(nonce),
      code: fromHex(code),
      storage: new Map(Object.entries(storage ?? {}).map(([key, value]) => [BigInt(key), BigInt(value)])),
    },
  ]);
  return openEngine({ fork: "cancun", chainId: 31_337n, block: blockOf(at), accounts: new Map(parsed), hooks });
}

/** Deploys from an account of its own; throws where that fails. */
export function deploy(engine, creation, from = deployer) {
  const { created, error } = engine.call({ from, to: null, input: fromHex(creation) });
  if (created === undefined) throw new Error(`A contract of the benchmark cannot be deployed: ${error}.`);
  return created;
}

/** Call data of one function with words. */
export function callData(selector, ...words) {
  const input = new Uint8Array(4 + 32 * words.length);
  input.set(selector);
  for (const [i, word] of words.entries()) input.set(fromHex(`0x${word.toString(16).padStart(64, "0")}`), 4 + 32 * i);
  return input;
}

/** The world `name` as `{ title, accounts, at, handler }`; deployed the first time, read afterwards. */
export async function world(name) {
  const file = `${out}/worlds/${name}.json`;
  const about = `${out}/worlds/${name}.about.json`;
  if (!existsSync(file)) await build(name, file, about);
  return { name, accounts: JSON.parse(readFileSync(file, "utf8")), ...JSON.parse(readFileSync(about, "utf8")) };
}

async function build(name, file, about) {
  const { deployments, handler } = await import("./deployments.mjs");
  const { title, deploy: deployOn, begins } = deployments[name];
  const { accounts, args, number = 1n, timestamp = 1_750_000_000n } = await deployOn();
  const at = { number: Number(number), timestamp: Number(timestamp) };
  const engine = await open(Object.fromEntries(accounts), at);
  const { creation, selectors } = artifact(`${name}Handler`, `${name}Handler`);
  deploy(engine, creation + args);
  for (const [act, x] of begins) {
    const { error } = engine.call({ from: sender, to: handler, input: callData(selectors[act], x) });
    if (error !== undefined) throw new Error(`"${act}" on ${title} ends with: ${error}.`);
  }
  mkdirSync(`${out}/worlds`, { recursive: true });
  writeFileSync(file, JSON.stringify(allocOf(engine)));
  writeFileSync(about, JSON.stringify({ title, at, handler }));
}

/** Every contract and account of the engine as a genesis file. */
function allocOf(engine) {
  const hex = (number) => `0x${number.toString(16)}`;
  const word = (number) => `0x${number.toString(16).padStart(64, "0")}`;
  return Object.fromEntries(
    [...engine.accounts().keys()].map((address) => {
      const { balance, nonce, code, storage } = engine.account(address);
      const slots = Object.fromEntries([...storage].map(([key, value]) => [word(key), word(value)]));
      return [address, { balance: hex(balance), nonce: hex(nonce), code: toHex(code), storage: slots }];
    }),
  );
}
