// What a search wants to know of runs. Costs are those that `npm run bench:evm` states.
import { type Address, type Hex, toAddress, toHex } from "./hex.ts";
import type { Machine } from "./Machine.ts";
import { type CallKind, callKinds } from "./readTrace.ts";

export interface HookSwitches {
  /** Pairs of basic blocks that follow each other, counted in a map of 65,536 bytes. */
  readonly edges: boolean;
  /** Operands of LT, GT, SLT, SGT, EQ and ISZERO. */
  readonly comparisons: boolean;
  /** Values loaded from and stored to storage. */
  readonly storage: boolean;
  /** Ether and tokens that go to or from watched addresses. */
  readonly flows: boolean;
  /** Who called whom: what the call tree says, without inputs, outputs and gas. */
  readonly calls: boolean;
  /** The call tree with its logs. */
  readonly trace: boolean;
  /** Assertions that fail, in any frame: Panic(0x01), INVALID, and events named by `countAsAssertion`. */
  readonly assertions: boolean;
}

/** Basic blocks of one code: offsets of all that could be reached, and whether each ever ran. */
export interface CodeCoverage {
  /** Its number, as comparisons name it. */
  readonly code: number;
  readonly codeBytes: number;
  readonly offsets: readonly number[];
  readonly isCovered: readonly boolean[];
}

/** One comparison: where it stands, and its operands, the topmost first. ISZERO compares with 0. */
export interface Comparison {
  readonly code: number;
  readonly offset: number;
  /** The operation's byte. */
  readonly op: number;
  readonly left: bigint;
  readonly right: bigint;
}

export interface StorageUse {
  readonly kind: "loaded" | "stored";
  readonly address: Address;
  readonly key: bigint;
  readonly value: bigint;
}

/** Value that moved; `token` is undefined for ether, in wei. */
export interface Flow {
  readonly token: Address | undefined;
  readonly from: Address;
  readonly to: Address;
  readonly amount: bigint;
}

/** A call, creation or self-destruction, in the order in which they began; those that failed are among them. */
export interface CallEdge {
  readonly type: CallKind;
  readonly from: Address;
  readonly to: Address;
  /** Up to four bytes that its input begins with. */
  readonly selector: Hex;
  /** In wei; what a delegate call shows moves none. */
  readonly value: bigint;
}

const off: HookSwitches = {
  edges: false,
  comparisons: false,
  storage: false,
  flows: false,
  calls: false,
  trace: false,
  assertions: false,
};
// As `assembly/index.ts` numbers them, and `assembly/Hooks.ts` lays their records out.
const comparisonRecords = { which: 2, bytes: 72 };
const storageRecords = { which: 3, bytes: 104 };
const flowRecords = { which: 4, bytes: 128 };
const callRecords = { which: 7, bytes: 112 };

/** Switches hooks; those that are not named go off. */
export function setHooks(machine: Machine, hooks: Partial<HookSwitches>): void {
  const { edges, comparisons, storage, flows, calls, trace, assertions } = { ...off, ...hooks };
  machine.calls.setHooks(edges, comparisons, storage, flows, calls, trace, assertions);
}

export function readCoverage(machine: Machine): CodeCoverage[] {
  const { calls } = machine;
  const data = machine.data();
  const coverage: CodeCoverage[] = [];
  for (let code = 1; code < calls.codeCount() >>> 0; code++) {
    const blocks = calls.coverageBlocks(code) >>> 0;
    if (blocks === 0) continue;
    const start = calls.coverageStart(code) >>> 0;
    const offsets = start + ((blocks + 3) & ~3);
    const numbers = Array.from({ length: blocks }, (_, i) => i);
    coverage.push({
      code,
      codeBytes: calls.codeLength(code) >>> 0,
      offsets: numbers.map((i) => data.getUint32(offsets + i * 4, true)),
      isCovered: numbers.map((i) => data.getUint8(start + i) === 1),
    });
  }
  return coverage;
}

export function readComparisons(machine: Machine): Comparison[] {
  return records(machine, comparisonRecords, (at) => ({
    offset: machine.data().getUint32(at, true) & 0xffffff,
    // Its highest bit is the outcome.
    op: machine.data().getUint8(at + 3) & 0x7f,
    code: machine.data().getUint32(at + 4, true),
    left: machine.readWord(at + 8),
    right: machine.readWord(at + 40),
  }));
}

export function readStorageUses(machine: Machine): StorageUse[] {
  return records(machine, storageRecords, (at) => ({
    kind: machine.data().getUint32(at, true) === 0 ? "loaded" : "stored",
    address: toAddress(machine.readWord(at + 8)),
    key: machine.readWord(at + 40),
    value: machine.readWord(at + 72),
  }));
}

export function readFlows(machine: Machine): Flow[] {
  return records(machine, flowRecords, (at) => {
    const token = machine.readWord(at);
    return {
      token: token === 0n ? undefined : toAddress(token),
      from: toAddress(machine.readWord(at + 32)),
      to: toAddress(machine.readWord(at + 64)),
      amount: machine.readWord(at + 96),
    };
  });
}

export function readCallEdges(machine: Machine): CallEdge[] {
  return records(machine, callRecords, (at) => ({
    type: callKinds[machine.data().getUint32(at, true)]!,
    from: toAddress(machine.readWord(at + 16)),
    to: toAddress(machine.readWord(at + 48)),
    selector: toHex(machine.bytes().subarray(at + 4, at + 4 + machine.data().getUint32(at + 8, true))),
    value: machine.readWord(at + 80),
  }));
}

/** How often each edge ran since the map was last cleared, up to 255; a copy of the whole map. */
export function readEdges(machine: Machine): Uint8Array {
  const start = machine.calls.edges() >>> 0;
  return machine.bytes().slice(start, start + 65_536);
}

function records<T>(machine: Machine, of: { which: number; bytes: number }, read: (at: number) => T): T[] {
  const start = machine.calls.recordsStart(of.which) >>> 0;
  const length = machine.calls.recordsLength(of.which) >>> 0;
  return Array.from({ length: length / of.bytes }, (_, i) => read(start + i * of.bytes));
}
