// Puts compiled contracts on an empty chain for a search: one is deployed and set up, and what is to be called is found.
import type { Address, Hex } from "@testudo/core/model/Hex";
import { type Engine, type EngineAccount, openEngine } from "@testudo/evm/openEngine";
import type { Abi, AbiEvent, AbiFunction } from "viem";
import { decodeFunctionResult, encodeFunctionData, toEventSelector, toEventSignature } from "viem/utils";
import { fromHex, toHex } from "../record/bytes.ts";
import { revertReasonOf } from "../tracer/revertReason.ts";
import { type Callable, callablesOf } from "./Callable.ts";
import { openDictionary } from "./Dictionary.ts";
import { type HuntTarget, huntHooks } from "./HuntTarget.ts";
import type { TellPlace } from "./nameFailures.ts";
import { isProperty, propertiesOf } from "./Property.ts";

/** What a compiler gives of one contract. */
export interface CompiledContract {
  readonly name: string;
  readonly abi: Abi;
  readonly creation: Hex;
  /** Immutable variables are zeros in it. */
  readonly runtime: Hex;
}

/** A library that contracts were linked against, at the address that they know. */
export interface LinkedLibrary {
  readonly address: Address;
  readonly runtime: Hex;
}

/** Tells where an offset in a contract's code stands in source. */
export type TellOffset = (contract: CompiledContract, offset: number) => string | undefined;

const deployer: Address = "0x0000000000000000000000000000000000030000";
const senders: readonly Address[] = [
  "0x0000000000000000000000000000000000010000",
  "0x0000000000000000000000000000000000020000",
  deployer,
];
const wealth = 10n ** 27n;
/** Four times what forge gives a test by default: a constructor without an end takes seconds, not an hour. */
const gasOfDeployment = 1n << 32n;
/** A week: what protocols give themselves to accrue, and to be stale. */
const mostSeconds = 7 * 86_400;
const block = {
  number: 10_000n,
  timestamp: 1_750_000_000n,
  gasLimit: 1n << 40n,
  baseFeePerGas: 0n,
  coinbase: "0x000000000000000000000000000000000000c01b",
  prevRandao: 0n,
  excessBlobGas: 0n,
} as const;

/** Deploys `name` of the contracts, calls its `setUp` if it has one, and gives what a search needs. Throws `NotDeployable`, `NothingToHunt`. */
export async function deployTarget(
  { contracts, libraries }: { contracts: readonly CompiledContract[]; libraries: readonly LinkedLibrary[] },
  name: string,
  tellOffset: TellOffset,
): Promise<HuntTarget> {
  const contract = contracts.find((each) => each.name === name);
  if (contract === undefined) throw new NotDeployable(name, `the file has ${quoted(contracts)}`);
  if (contract.creation === "0x") throw new NotDeployable(name, "it is abstract, or an interface");
  const takes = contract.abi.find((item) => item.type === "constructor")?.inputs.length ?? 0;
  if (takes > 0)
    throw new NotDeployable(name, `its constructor takes ${takes === 1 ? "an argument" : `${takes} arguments`}`);
  const rich: EngineAccount = { balance: wealth, nonce: 0n, code: new Uint8Array() };
  const engine = await openEngine({
    fork: "cancun",
    chainId: 31_337n,
    block,
    accounts: new Map([
      ...senders.map((sender) => [sender, rich] as const),
      ...libraries.map(
        ({ address, runtime }) => [address, { balance: 0n, nonce: 1n, code: fromHex(runtime) }] as const,
      ),
    ]),
    hooks: huntHooks,
    cheats: true,
  });
  const made = engine.call({ from: deployer, to: null, input: fromHex(contract.creation), gas: gasOfDeployment });
  if (!made.succeeded) throw new NotDeployable(name, `its constructor fails: ${saidBy(made)}`);
  const at = made.created!;
  const hasSetUp = functionOf(contract, "setUp") !== undefined;
  if (hasSetUp) setUp(engine, contract, at);
  const stand = standing(engine, contracts);
  const callables = callablesHere(engine, contract, at, stand, hasSetUp);
  const properties = propertiesOf(contract.name, at, contract.abi, senders[0]!);
  if (callables.length + properties.length === 0) throw new NothingToHunt(name);
  const codes = [...stand.keys()].map((address) => engine.account(address)!.code);
  const addresses: readonly Address[] = [...senders, ...stand.keys(), `0x${"0".repeat(40)}`];
  const assertionEvents = assertionEventsOf(contracts);
  for (const topic of assertionEvents.keys()) engine.countAsAssertion(fromHex(topic));
  const tellPlace: TellPlace = (address, offset) => {
    const here = stand.get(address);
    return here === undefined ? undefined : tellOffset(here, offset);
  };
  return {
    engine,
    callables,
    properties,
    senders,
    addresses,
    dictionary: openDictionary(codes, addresses.map(BigInt)),
    assertionEvents,
    tellPlace,
    mostSeconds,
  };
}

const functionOf = ({ abi }: CompiledContract, name: string): AbiFunction | undefined =>
  abi.find((item): item is AbiFunction => item.type === "function" && item.name === name && item.inputs.length === 0);

function setUp(engine: Engine, contract: CompiledContract, at: Address): void {
  const input = fromHex(encodeFunctionData({ abi: contract.abi, functionName: "setUp" }));
  const done = engine.call({ from: deployer, to: at, input, gas: gasOfDeployment });
  if (!done.succeeded) throw new NotDeployable(contract.name, `its setUp() fails: ${saidBy(done)}`);
}

/** Contracts that stand on the chain, with what they were compiled from. */
function standing(engine: Engine, contracts: readonly CompiledContract[]): Map<Address, CompiledContract> {
  const stand = new Map<Address, CompiledContract>();
  for (const [address, { code }] of engine.accounts()) {
    const contract = contracts.find(({ runtime }) => isCompiledTo(code, fromHex(runtime)));
    if (contract !== undefined) stand.set(address, contract);
  }
  return stand;
}

/** Immutable variables are zeros in what the compiler gives, and something else on the chain. */
function isCompiledTo(code: Uint8Array, runtime: Uint8Array): boolean {
  return (
    code.length > 0 && code.length === runtime.length && runtime.every((byte, i) => byte === 0 || byte === code[i])
  );
}

/**
 * What a harness means to be called: the contracts that it names by `targetContracts()`, or those that its `setUp` made; without
 * any of these its own functions.
 */
function callablesHere(
  engine: Engine,
  contract: CompiledContract,
  at: Address,
  stand: ReadonlyMap<Address, CompiledContract>,
  hasSetUp: boolean,
): Callable[] {
  const named = targetContracts(engine, contract, at);
  const made = hasSetUp ? [...stand.keys()].filter((address) => address !== at) : [];
  const chosen = named.length > 0 ? named : made;
  const callables = chosen.flatMap((address) => {
    const { name, abi } = stand.get(address) ?? { name: address, abi: [] };
    return callablesOf(name, address, abi);
  });
  const all = callables.some(({ isView }) => !isView) ? callables : callablesOf(contract.name, at, contract.abi);
  return all.filter(({ to, abi }) => to !== at || !(isProperty(abi) || (hasSetUp && isOfHarness(abi))));
}

/** What Foundry's runner asks of a harness, and what it runs by itself. */
const isOfHarness = ({ name }: AbiFunction): boolean =>
  /^(setUp|failed|IS_TEST|test.*|(target|exclude)(Contracts|Senders|Selectors|Artifacts|ArtifactSelectors|Interfaces))$/.test(
    name,
  );

function targetContracts(engine: Engine, contract: CompiledContract, at: Address): readonly Address[] {
  const asked = functionOf(contract, "targetContracts");
  if (asked === undefined) return [];
  const input = fromHex(encodeFunctionData({ abi: [asked] }));
  const { succeeded, output } = engine.call({ from: deployer, to: at, input, gas: gasOfDeployment, isStatic: true });
  if (!succeeded) return [];
  const addresses = decodeFunctionResult({ abi: [asked], data: toHex(output) }) as readonly Address[];
  return addresses.map((address) => address.toLowerCase() as Address);
}

/** Events that are named AssertionFailed, whatever they carry. */
function assertionEventsOf(contracts: readonly CompiledContract[]): Map<Hex, string> {
  const events = contracts
    .flatMap(({ abi }) => abi)
    .filter((item): item is AbiEvent => item.type === "event" && item.name === "AssertionFailed");
  return new Map(events.slice(0, 8).map((event) => [toEventSelector(event), toEventSignature(event)]));
}

const quoted = (contracts: readonly CompiledContract[]): string =>
  contracts.length === 0
    ? "no contract"
    : `no such contract, but ${contracts.map(({ name }) => `"${name}"`).join(", ")}`;

/** A reason in words where there is one, else as it came. */
function saidBy({ error, output }: { readonly error?: string; readonly output: Uint8Array }): string {
  const said = toHex(output);
  const reason = revertReasonOf(said);
  return [
    error ?? "failed",
    ...(reason === undefined ? (said === "0x" ? [] : [said.slice(0, 1_000)]) : [`"${reason}"`]),
  ].join(" ");
}

/** Thrown for a contract that cannot be put on a chain by itself. Not retryable. */
export class NotDeployable extends Error {
  override readonly name = "NotDeployable";
  constructor(contract: string, why: string) {
    super(
      [
        `Contract "${contract}" cannot be deployed: ${why}.`,
        "- A target is a contract without constructor arguments; a setUp() without arguments may do the rest.",
        "- Name another one, or write a harness that deploys it.",
      ].join("\n"),
    );
  }
}

/** Thrown for a contract that has neither a function to call nor a property to ask. Not retryable. */
export class NothingToHunt extends Error {
  override readonly name = "NothingToHunt";
  constructor(contract: string) {
    super(
      [
        `Contract "${contract}" has nothing to hunt.`,
        "- Needed: a function that may be called from outside, or a property (`echidna_*`, `invariant_*`).",
        "- Name another contract, or write a harness that calls what is internal.",
      ].join("\n"),
    );
  }
}
