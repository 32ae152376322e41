import type { BlockBundle, Transaction } from "@testudo/core/model/BlockBundle";
import { visitsIn } from "@testudo/core/model/CallTree";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { fetchBlock } from "../block/fetchBundle.ts";
import type { Member } from "../nodes/EndpointPool.ts";
import { isNodeFault } from "../rpc/isNodeFault.ts";
import { pollInTurn } from "../rpc/pollInTurn.ts";
import type { Block, BlockTransaction } from "../wire/parseBlock.ts";
import { hashOfWire, senderOfWire } from "../wire/wireTransaction.ts";
import { makeBodyOpinion } from "./BodyOpinion.ts";
import { makeProofBook, type Proving } from "./ProofBook.ts";
import type { Hearing } from "./Witnesses.ts";

/** Shows that the transactions of a block are those whose hashes several nodes name, over one stream. */
export interface BodyProver {
  /** `block`, for which `by` vouch, the first of whom gave it, with transactions that are its own where anybody has such, else with those that two give alike. */
  prove(block: Block, by: readonly Member[]): Promise<Block>;
  /** `bundle` of a block that was proved, with whoever signed them as senders of the transactions that touch what is watched. */
  nameSenders(bundle: BlockBundle, block: Block): BlockBundle;
}

// Finding a signer takes milliseconds, and a block has room for more transactions than there is time.
const mostSigners = 64;
// Longer nobody waits for another node's word.
const mostMs = 4_000;
// No block of Ethereum may have more than 10 MiB (EIP-7934). Of what one node makes up, hashing is seconds for some MiB.
const mostBytes = 16 * 1024 * 1024;
// What stands in a list costs 1,900 gas at least, and more time than its bytes.
const itemBytes = 200;

/** Makes a prover. `watched`: whose transactions need their senders. As with logs, one node alone proves nothing. */
export function makeBodyProver(proving: Proving & Hearing, watched: ReadonlySet<Address>): BodyProver {
  const { pool, isLive } = proving;
  const book = makeProofBook("transactions", proving);
  const opinion = makeBodyOpinion(proving, mostMs);
  // Whoever gave what the blocks hold that were proved.
  const givers = new WeakMap<Block, Member>();

  function note(block: Block, giver: Member): Block {
    book.proved(block.ref.number);
    givers.set(block, giver);
    return block;
  }

  return {
    async prove(block, by) {
      const { number, hash } = block.ref;
      const { txs = [], txHashes } = block;
      if (by.length < 2 || txs.length === 0 || !isLive(number)) return block;
      if (book.isResting(number)) return opinion.read(block, by);
      const [giver] = by as [Member, ...Member[]];
      if (isItself(block)) return note(block, giver);
      const left = [...new Set([...by, ...pool.members])].filter((member) => member !== giver);
      const [shown] = await pollInTurn(
        () => left.shift(),
        (member) => fetchOwn(member, hash, txHashes),
      )(1);
      if (shown !== undefined) {
        book.lied(giver, new BodyUnproved(giver.endpoint.label, hash));
        return note({ ...block, txs: shown.txs }, shown.member);
      }
      book.failed(
        number,
        `No node shows the transactions whose hashes block ${number} names: what they do is the nodes' word.`,
      );
      return opinion.read(block, by);
    },
    nameSenders(bundle, block) {
      const giver = givers.get(block);
      if (giver === undefined) return bundle;
      const { txs, traces } = bundle;
      const signers = new Map<number, Address>();
      for (const index of touching(bundle, watched)) {
        const from = senderOfWire(block.txs![index]!.wire);
        if (from !== undefined) signers.set(index, from);
      }
      const isHis = ({ from }: Pick<Transaction, "from">, index: number) => from === (signers.get(index) ?? from);
      if (!txs.every(isHis)) book.lied(giver, new BodyUnproved(giver.endpoint.label, block.ref.hash));
      else if (traces?.every(isHis) !== false) return bundle;
      // A call tree begins with whoever sent its transaction, whatever else is in it.
      const named = <T extends { readonly from: Address }>(one: T, index: number): T =>
        isHis(one, index) ? one : { ...one, from: signers.get(index)! };
      return { ...bundle, txs: txs.map(named), ...(traces === undefined ? {} : { traces: traces.map(named) }) };
    },
  };
}

function isItself({ txs = [] }: Block): boolean {
  return weightOf(txs) <= mostBytes && txs.every(({ hash, wire }) => hashOfWire(wire) === hash);
}

/** About how many bytes are hashed for `txs`. */
function weightOf(txs: readonly BlockTransaction[]): number {
  let weight = 0;
  for (const { input, authorizations = [], wire } of txs) {
    weight += input.length / 2 + authorizations.length * itemBytes;
    for (const access of Array.isArray(wire.accessList) ? wire.accessList : [])
      weight += itemBytes * (1 + (Array.isArray(access?.storageKeys) ? access.storageKeys.length : 0));
    weight += itemBytes * (Array.isArray(wire.blobVersionedHashes) ? wire.blobVersionedHashes.length : 0);
    weight += typeof wire.retryData === "string" ? wire.retryData.length / 2 : 0;
  }
  return weight;
}

interface Own {
  readonly member: Member;
  readonly txs: readonly BlockTransaction[];
}

/** The transactions that `member` gives of block `hash`, where they are those that `txHashes` name. */
async function fetchOwn(member: Member, hash: Hex, txHashes: readonly Hex[]): Promise<Own | undefined> {
  const { endpoint } = member;
  try {
    const block = await fetchBlock(endpoint, hash, true, Math.min(mostMs, endpoint.timeoutMs));
    const isNamed = block.txHashes.join() === txHashes.join();
    return isNamed && block.txs !== undefined && isItself(block) ? { member, txs: block.txs } : undefined;
  } catch (error) {
    if (isNodeFault(error)) return undefined;
    throw error;
  }
}

/** The first of the transactions that call, or say something by, one of `watched`. */
function touching({ txs, logs, traces = [] }: BlockBundle, watched: ReadonlySet<Address>): Iterable<number> {
  const found = new Set<number>();
  for (const { to, index } of txs) if (to !== null && watched.has(to)) found.add(index);
  for (const { address, txIndex } of logs) if (watched.has(address) && txIndex < txs.length) found.add(txIndex);
  for (const [index, trace] of traces.slice(0, txs.length).entries())
    if (!found.has(index) && visitsIn(trace, watched).length > 0) found.add(index);
  return [...found].slice(0, mostSigners);
}

/** The transactions are not those whose hashes several nodes name: what they do, or who sent them, was changed. */
export class BodyUnproved extends Error {
  override readonly name = "BodyUnproved";
  constructor(endpoint: string, blockHash: Hex) {
    super(
      [
        `Node ${endpoint} sent transactions of block ${blockHash} that are not those their hashes and signatures stand for.`,
        "- Those that are were taken in their place.",
        "- Look at what this node is, and watch without it until then; it is asked after all others.",
      ].join("\n"),
    );
  }
}
