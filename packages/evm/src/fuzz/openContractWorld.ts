// Compiled contracts, deployed by our engine with random arguments: as the peer gets the state that this leads to, the
// comparison does not rest on it.
import { keccak_256 } from "@noble/hashes/sha3.js";
import { type Address, fromHex, toAddress } from "../hex.ts";
import { type EngineAccount, openEngine } from "../openEngine.ts";
import {
  type AbiParameter,
  chainId,
  type FuzzFunction,
  type FuzzWorld,
  fuzzBlock,
  senderAccounts,
  senders,
} from "./FuzzWorld.ts";
import { createRandom, type Random } from "./Random.ts";
import { join, randomArguments } from "./randomArguments.ts";
import { readSelectors } from "./readSelectors.ts";

/** What a compiler wrote of a contract, as far as it is used. */
export interface Artifact {
  readonly name: string;
  readonly abi: readonly { readonly type: string; readonly name?: string; readonly inputs?: readonly AbiParameter[] }[];
  readonly bytecode: string;
  readonly deployedBytecode: string;
}

const tries = 12;

/** The world of these contracts, each deployed; one whose constructor refuses all arguments stands there as compiled. */
export async function openContractWorld(
  name: string,
  artifacts: readonly Artifact[],
  seed: number,
): Promise<FuzzWorld> {
  const random = createRandom(seed);
  const engine = await openEngine({ fork: "cancun", chainId, block: fuzzBlock, accounts: senderAccounts() });
  const deployed: { address: Address; artifact: Artifact }[] = [];
  for (const [i, artifact] of artifacts.entries()) {
    const known = [...senders, ...deployed.map(({ address }) => address)].map(BigInt);
    const address = deploy(artifact, random, known) ?? placeOf(i);
    if (address === placeOf(i)) engine.setCode(address, fromHex(linked(artifact.deployedBytecode)));
    deployed.push({ address, artifact });
  }
  const accounts = engine.accounts() as Map<Address, Required<EngineAccount>>;
  const stored = [...accounts.values()].flatMap(({ storage }) => [...storage.values()]);
  return {
    name,
    fork: seed % 2 === 0 ? "cancun" : "prague",
    block: fuzzBlock,
    accounts,
    senders,
    targets: deployed.map(({ address, artifact }) => ({
      address,
      functions: functionsOf(artifact, accounts.get(address)?.code ?? new Uint8Array()),
    })),
    initCodes: artifacts.slice(0, 4).map(({ bytecode }) => fromHex(linked(bytecode))),
    words: [...new Set([...[...accounts.keys()].map(BigInt), ...stored])],
  };

  function deploy({ abi, bytecode }: Artifact, random: Random, known: readonly bigint[]): Address | undefined {
    const inputs = abi.find(({ type }) => type === "constructor")?.inputs ?? [];
    const init = fromHex(linked(bytecode));
    if (init.length === 0) return undefined;
    for (let i = 0; i < (inputs.length === 0 ? 1 : tries); i++) {
      const input = join([init, randomArguments(random, inputs, known)]);
      const sent = engine.send({ from: senders[0]!, to: null, value: 0n, input, gas: 15_000_000n });
      if (sent.kind === "ran" && sent.created !== undefined) return sent.created;
    }
    return undefined;
  }
}

function placeOf(index: number): Address {
  return toAddress(0xc0de_0000n + BigInt(index) + (0xc0n << 152n));
}

/** Libraries that are not linked stand at an address where nothing is. */
function linked(bytecode: string): string {
  return bytecode.replaceAll(/__.{36}__|__\$.{34}\$__/g, "11".repeat(20));
}

function functionsOf({ abi }: Artifact, code: Uint8Array): FuzzFunction[] {
  const named = abi.filter(({ type }) => type === "function");
  const functions = named.map(({ name, inputs = [] }) => {
    const hash = keccak_256(new TextEncoder().encode(`${name}(${inputs.map(typeOf).join(",")})`));
    return { selector: new DataView(hash.buffer, hash.byteOffset).getUint32(0), inputs };
  });
  const known = new Set(functions.map(({ selector }) => selector));
  const others = readSelectors(code).filter((selector) => !known.has(selector));
  return [...functions, ...others.slice(0, 4).map((selector) => ({ selector }))];
}

function typeOf({ type, components = [] }: AbiParameter): string {
  return type.replace(/^tuple/, () => `(${components.map(typeOf).join(",")})`);
}
