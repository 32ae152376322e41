// The rules of a transaction around its outermost frame: what is checked, paid, warm, given back.
import { assertWord } from "./assertFits.ts";
import { blobBaseFee, gasPerBlob } from "./blobBaseFee.ts";
import { forkRules } from "./fork.ts";
import { toAddress } from "./hex.ts";
import { emptyAccount, intrinsicGas } from "./intrinsicGas.ts";
import type { Machine } from "./Machine.ts";
import type { Run } from "./Miss.ts";
import { type Ended, missOf, runMessage, type Sent } from "./runMessage.ts";
import { runPlain, sentPlain } from "./runPlain.ts";
import { done, fault, miss, succeeded, unsure } from "./status.ts";
import type { EngineAuthorization, EngineTransaction, Setting } from "./Transaction.ts";
import { EngineMemoryExhausted, type World } from "./World.ts";
import { whyInvalid } from "./whyInvalid.ts";

// As `assembly/Block.ts` lays them out.
const place = { number: 0, timestamp: 1, gasLimit: 2, baseFee: 3, coinbase: 4, random: 5, blobBaseFee: 6, chainId: 7 };
const gasPricePlace = 8;
// EIP-3529: gas given back is at most a fifth of gas used.
const refundDivisor = 5n;
// EIP-7702: 0xef0100 and an address.
const delegationLength = 23;
const costOfAuthorization = 12_500n;

/** Writes what transactions see of the block; all of it, or nothing where something fits no word. */
export function enterBlock(machine: Machine, { fork, chainId, block }: Setting): void {
  const rules = forkRules[fork];
  const at = machine.calls.blockWords() >>> 0;
  const words: readonly (readonly [number, bigint])[] = [
    [place.number, block.number],
    [place.timestamp, block.timestamp],
    [place.gasLimit, block.gasLimit],
    [place.baseFee, block.baseFeePerGas],
    [place.coinbase, BigInt(block.coinbase)],
    [place.random, block.prevRandao],
    [place.blobBaseFee, blobBaseFee(block.excessBlobGas, rules.blobBaseFeeUpdateFraction)],
    [place.chainId, chainId],
  ];
  for (const [, value] of words) assertWord(value);
  machine.calls.setRules(rules.lastPrecompile, rules.farPrecompile, rules.hasDelegations, rules.hasLeadingZeros);
  for (const [index, value] of words) machine.writeWord(at + index * 32, value);
}

/** What GASPRICE and BLOBHASH see. */
export function enterTransaction(machine: Machine, gasPrice: bigint, blobs: readonly Uint8Array[]): void {
  machine.writeWord((machine.calls.blockWords() >>> 0) + gasPricePlace * 32, gasPrice);
  if (blobs.length === 0) return;
  const hashes = machine.calls.blobHashes() >>> 0;
  for (const [i, hash] of blobs.entries()) machine.bytes().set(hash, hashes + i * 32);
}

/** Executes a transaction and keeps what it wrote; one that its block does not allow changes nothing. */
export function* sendTransaction(machine: Machine, world: World, setting: Setting, tx: EngineTransaction): Run<Sent> {
  const { calls } = machine;
  const { block } = setting;
  const rules = forkRules[setting.fork];
  // Everything that is needed before the first change is asked for here: until then the run can be left.
  const from = world.find(tx.from) ?? (yield* world.need(tx.from));
  const coinbase = world.find(block.coinbase) ?? (yield* world.need(block.coinbase));
  const created = tx.to === null ? world.addressCreatedBy(from) : undefined;
  const callee = created ?? tx.to!;
  const to = world.find(callee) ?? (yield* world.need(callee));
  if (created === undefined) {
    let result = runPlain(machine, setting, tx, { from, to, coinbase });
    while (result === miss) {
      yield missOf(machine);
      result = calls.resume();
      if (result === done) result = calls.endPlain();
    }
    if (result === fault) throw new EngineMemoryExhausted();
    if (result !== unsure) return sentPlain(machine);
  }
  const listed = [];
  for (const entry of tx.accessList ?? []) listed.push({ ...entry, index: yield* world.need(entry.address) });
  for (const { authority } of tx.authorizationList ?? []) if (authority !== undefined) yield* world.need(authority);
  if (tx.isImpersonated !== true) yield* world.needCode(from);

  const { gas: intrinsic, floor } = intrinsicGas(tx, rules);
  const blobs = tx.blobVersionedHashes ?? [];
  const price = blobs.length === 0 ? 0n : blobBaseFee(block.excessBlobGas, rules.blobBaseFeeUpdateFraction);
  const sender = {
    nonce: world.nonceOf(from),
    balance: world.balanceOf(from),
    isContract: world.codeLengthOf(from) > 0 && isContract(world.codeOf(from)),
  };
  const why = whyInvalid(tx, block, rules, sender, { blobBaseFee: price, intrinsic, floor });
  if (why !== undefined) return { kind: "invalid", why };

  const gasPrice = effectiveGasPrice(tx, block.baseFeePerGas);
  const mark = calls.snapshot();
  enterTransaction(machine, gasPrice, blobs);
  calls.enterRun(from, to, coinbase, blobs.length);
  world.debit(from, tx.gas * gasPrice + BigInt(blobs.length) * gasPerBlob * price);
  calls.setNonce(from, BigInt.asIntN(64, sender.nonce + 1n));
  for (const { index, storageKeys } of listed) {
    calls.warm(index);
    for (const key of storageKeys) world.warmKey(index, key);
  }
  for (const authorization of tx.authorizationList ?? []) {
    if (authorization.authority !== undefined) yield* world.needCode(world.find(authorization.authority)!);
    delegate(machine, world, setting.chainId, authorization);
  }
  if (rules.hasDelegations) yield* warmDelegate(machine, world, to);

  const ended = yield* runMessage(machine, {
    from,
    to,
    isCreation: tx.to === null,
    value: tx.value,
    input: tx.input,
    gas: tx.gas - intrinsic,
    isStatic: false,
  });
  const used = gasUsedOf(tx.gas, ended, calls.refund(), floor);
  world.credit(from, (tx.gas - used) * gasPrice);
  calls.touch(coinbase);
  world.credit(coinbase, used * (gasPrice - block.baseFeePerGas));
  calls.removeDestroyed(mark);
  return { kind: "ran", ...ended, gasUsed: used, created: ended.status === succeeded ? created : undefined };
}

/** What is paid per gas: the whole price, or the base fee with a tip as far as the cap allows (EIP-1559). */
function effectiveGasPrice(tx: EngineTransaction, baseFee: bigint): bigint {
  if (tx.maxFeePerGas === undefined) return tx.gasPrice ?? baseFee;
  const tipped = baseFee + (tx.maxPriorityFeePerGas ?? 0n);
  return tipped < tx.maxFeePerGas ? tipped : tx.maxFeePerGas;
}

function gasUsedOf(gas: bigint, ended: Ended, refund: bigint, floor: bigint): bigint {
  const spent = gas - ended.gasLeft;
  const most = spent / refundDivisor;
  const used = spent - (refund < most ? refund : most);
  return used > floor ? used : floor;
}

function isContract(code: Uint8Array): boolean {
  return code.length > 0 && !isDelegation(code);
}

function isDelegation(code: Uint8Array): boolean {
  return code.length === delegationLength && code[0] === 0xef && code[1] === 0x01 && code[2] === 0x00;
}

/** EIP-7702: an authorization whose terms do not hold is skipped, and paid for all the same. */
function delegate(machine: Machine, world: World, chainId: bigint, given: EngineAuthorization): void {
  const { authority, address, nonce } = given;
  if (authority === undefined || (given.chainId !== 0n && given.chainId !== chainId)) return;
  if (nonce >= (1n << 64n) - 1n) return;
  const index = world.find(authority)!;
  machine.calls.warm(index);
  const code = world.codeOf(index);
  if (isContract(code) || world.nonceOf(index) !== nonce) return;
  if (world.at(index).isThere) machine.calls.addRefund(emptyAccount - costOfAuthorization);
  if (BigInt(address) === 0n) world.setCode(index, new Uint8Array());
  else {
    const delegation = new Uint8Array(23);
    delegation.set([0xef, 0x01, 0x00]);
    for (let i = 0; i < 20; i++) delegation[3 + i] = Number.parseInt(address.slice(2 + 2 * i, 4 + 2 * i), 16);
    world.setCode(index, delegation);
  }
  machine.calls.setNonce(index, BigInt.asIntN(64, nonce + 1n));
}

/** The code that the called account delegates to is warm from the begin. */
function* warmDelegate(machine: Machine, world: World, to: number): Run<void> {
  yield* world.needCode(to);
  // Each transaction comes by here: no contract's code is copied for the sake of its length.
  if (world.codeLengthOf(to) !== delegationLength) return;
  const code = world.codeOf(to);
  if (!isDelegation(code)) return;
  let address = 0n;
  for (const byte of code.slice(3)) address = (address << 8n) | BigInt(byte);
  machine.calls.warm(yield* world.need(toAddress(address)));
}
