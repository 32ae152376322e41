// What a transaction looked at, by the rules of geth's prestateTracer: the parties of the transaction, and what the stacks
// of its operations name once their gas is paid. Whether a frame failed later does not matter.
import { bigIntToBytes, generateAddress, generateAddress2, setLengthLeft } from "@ethereumjs/util";
import { keccak_256 } from "@noble/hashes/sha3.js";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { OperationWatch, RunState } from "../engine/CallRecorder.ts";
import { toHex, toWordBytes } from "../record/bytes.ts";
import { isDelegated } from "../record/isDelegated.ts";

export interface TouchedState {
  /** Slots of each account, in the order in which they were first named. */
  readonly accounts: ReadonlyMap<Address, ReadonlySet<Hex>>;
  /** Addresses at which a contract was about to be made, the transaction's own among them. */
  readonly created: ReadonlySet<Address>;
  /** Contracts that destroyed themselves and are gone when the transaction ends. */
  readonly deleted: ReadonlySet<Address>;
  /** Pairs of words that were hashed, by their hash: the key of a mapping and the slot that it stands at. */
  readonly hashed: ReadonlyMap<Hex, readonly [key: Hex, slot: Hex]>;
}

export interface TouchRecorder extends TouchedState, OperationWatch {
  /** Names an account that the transaction itself names. */
  touch(address: Address): void;
  /** Names the account that the transaction creates. */
  create(address: Address): void;
  /** Names `address`, and whose code it borrows there (EIP-7702). */
  touchCalled(address: Address): Promise<void>;
}

export interface TouchRules {
  /** EIP-6780: only what was made in the transaction can be destroyed. */
  readonly keepsDestroyed: boolean;
  /** EIP-7702. */
  readonly hasDelegations: boolean;
  /** Code as it is when asked. */
  codeOf(address: Address): Promise<Uint8Array>;
}

const slotOpcodes = new Set([0x54, 0x55]);
const accountOpcodes = new Set([0x31, 0x3b, 0x3c, 0x3f, 0xff]);
const callOpcodes = new Set([0xf1, 0xf2, 0xf4, 0xfa]);
const selfDestruct = 0xff;
const hash = 0x20;
// A run may hash as often as its gas allows.
const mostHashed = 100_000;
const create = 0xf0;
const create2 = 0xf5;

export function createTouchRecorder({ keepsDestroyed, hasDelegations, codeOf }: TouchRules): TouchRecorder {
  const accounts = new Map<Address, Set<Hex>>();
  const created = new Set<Address>();
  const deleted = new Set<Address>();
  const hashed = new Map<Hex, readonly [Hex, Hex]>();

  function touch(address: Address): Set<Hex> {
    const known = accounts.get(address);
    if (known !== undefined) return known;
    const slots = new Set<Hex>();
    accounts.set(address, slots);
    return slots;
  }

  async function touchCalled(address: Address): Promise<void> {
    touch(address);
    if (!hasDelegations) return;
    const target = delegateOf(await codeOf(address));
    if (target !== undefined) touch(target);
  }

  function destroy(address: Address): void {
    if (!keepsDestroyed || created.has(address)) deleted.add(address);
  }

  function noteHashed({ memory }: RunState, stack: readonly bigint[]): void {
    if (stack.at(-2) !== 64n || hashed.size >= mostHashed) return;
    const bytes = memory.read(Number(stack.at(-1)!), 64);
    hashed.set(toHex(keccak_256(bytes)), [toHex(bytes.subarray(0, 32)), toHex(bytes.subarray(32, 64))]);
  }

  function make(address: Address): void {
    touch(address);
    created.add(address);
  }

  return {
    accounts,
    created,
    deleted,
    hashed,
    opcodes: [hash, ...slotOpcodes, ...accountOpcodes, ...callOpcodes, create, create2],
    touch: (address) => void touch(address),
    create: make,
    touchCalled,
    async see(opcode, state) {
      const self = toHex(state.env.address.bytes);
      const stack = state.stack.getStack();
      const top = stack.at(-1) ?? 0n;
      if (opcode === hash) noteHashed(state, stack);
      else if (slotOpcodes.has(opcode)) touch(self).add(toHex(toWordBytes(top)));
      else if (accountOpcodes.has(opcode)) {
        touch(addressOf(top));
        if (opcode === selfDestruct) destroy(self);
      } else if (callOpcodes.has(opcode)) await touchCalled(addressOf(stack.at(-2) ?? 0n));
      else make(opcode === create ? createdBy(state) : created2By(state, stack));
    },
  };
}

function createdBy({ env }: RunState): Address {
  return toHex(generateAddress(env.address.bytes, bigIntToBytes(env.contract.nonce)));
}

function created2By({ env, memory }: RunState, stack: readonly bigint[]): Address {
  const [, offset = 0n, length = 0n, salt = 0n] = stack.slice(-4).reverse();
  const code = length === 0n ? new Uint8Array() : memory.read(Number(offset), Number(length));
  return toHex(generateAddress2(env.address.bytes, setLengthLeft(bigIntToBytes(salt), 32), code));
}

/** Whose code an account runs by EIP-7702, or undefined. */
export function delegateOf(code: Uint8Array): Address | undefined {
  return isDelegated(code) ? toHex(code.subarray(3, 23)) : undefined;
}

function addressOf(word: bigint): Address {
  return `0x${(word & ((1n << 160n) - 1n)).toString(16).padStart(40, "0")}`;
}
