// A recorded piece of a chain as a world to fuzz. Format `testudo-capsule/1`; the lab's own reader checks it whole, this one
// takes what it needs.
import { type Address, fromHex } from "../hex.ts";
import type { EngineAccount } from "../openEngine.ts";
import { type FuzzWorld, fuzzBlock, senderAccounts, senders } from "./FuzzWorld.ts";
import { readSelectors } from "./readSelectors.ts";

interface CapsuleJson {
  readonly name: string;
  readonly block: { readonly number: number | string; readonly timestamp: number | string };
  readonly accounts: {
    readonly [address: string]: {
      readonly balance: string;
      readonly nonce: number | string;
      readonly code: string;
      readonly storage?: { readonly [key: string]: string };
    };
  };
}

/** The world of a capsule, with those who send added. Its contracts are called by the selectors that their code compares. */
export function readCapsuleWorld(json: unknown): FuzzWorld {
  const { name, block, accounts: recorded } = json as CapsuleJson;
  const accounts = new Map<Address, Required<EngineAccount>>(senderAccounts());
  const words = new Set<bigint>(senders.map(BigInt));
  for (const [address, { balance, nonce, code, storage = {} }] of Object.entries(recorded)) {
    const slots = Object.entries(storage).map(([key, value]) => [BigInt(key), BigInt(value)] as const);
    for (const [, value] of slots) for (const word of [value, BigInt.asUintN(160, value)]) words.add(word);
    words.add(BigInt(address));
    accounts.set(address.toLowerCase() as Address, {
      balance: BigInt(balance),
      nonce: BigInt(nonce),
      code: fromHex(code),
      storage: new Map(slots.filter(([, value]) => value !== 0n)),
    });
  }
  const contracts = [...accounts].filter(([, { code }]) => code.length > 0);
  // A proxy is called with what its implementations know.
  const all = [...new Set(contracts.flatMap(([, { code }]) => readSelectors(code)))];
  return {
    name: `capsule ${name}`,
    fork: "cancun",
    block: { ...fuzzBlock, number: BigInt(block.number), timestamp: BigInt(block.timestamp) },
    accounts,
    senders,
    targets: contracts.map(([address, { code }]) => {
      const own = readSelectors(code);
      return { address, functions: (own.length > 3 ? own : all).map((selector) => ({ selector })) };
    }),
    initCodes: contracts.slice(0, 3).map(([, { code }]) => returning(code)),
    words: [...words],
  };
}

/** Init code that deploys `code`: CODECOPY of all behind its 12 bytes, RETURN. */
function returning(code: Uint8Array): Uint8Array {
  const init = new Uint8Array(12 + code.length);
  init.set([0x61, code.length >> 8, code.length & 0xff, 0x80, 0x60, 12, 0x5f, 0x39, 0x5f, 0xf3]);
  init.set(code, 12);
  return init;
}
