import type { EndpointPool, Member } from "../nodes/EndpointPool.ts";
import type { TroubleBook } from "../nodes/TroubleBook.ts";

/** How it goes with proving one part of blocks, over one stream. */
export interface ProofBook {
  /** Whether it has failed so often that nobody is asked for block `number`. */
  isResting(number: bigint): boolean;
  proved(number: bigint): void;
  /** Nobody could; `word` says what follows. Where somebody could before, or `isOwed`, it is told once it lasts. */
  failed(number: bigint, word: string, isOwed?: boolean): void;
  /** `member` sent what is none of the block's, as another has shown. That is no stumble: a person hears of it at once. */
  lied(member: Member, error: Error): void;
}

/** What a prover needs of its stream. */
export interface Proving {
  readonly pool: Pick<EndpointPool, "members">;
  readonly troubles: TroubleBook;
  /** Whether a block is worth what its proof costs. */
  readonly isLive: (number: bigint) => boolean;
  /** Of which parts an earlier stream told that nobody proves them any more. That nobody does is no news to this one, and no peace either. */
  readonly unproved?: readonly string[] | undefined;
}

// Chains exist whose receipts or transactions are written otherwise than Ethereum's, in each of their blocks or in some.
const leastFailures = 3;
const restBlocks = 64n;
// Where it could be proved nodes are at fault that will be well again, or an attacker's, who would have so long.
const shortRestBlocks = 8n;

/** Makes an empty book about `part`, a word for troubles and messages. */
export function makeProofBook(
  part: string,
  { troubles, unproved = [] }: Pick<Proving, "troubles" | "unproved">,
): ProofBook {
  let hasProved = unproved.includes(part);
  let failures = 0;
  let restsUntil = 0n;
  return {
    isResting: (number) => number < restsUntil,
    proved(number) {
      [hasProved, failures] = [true, 0];
      troubles.clear("scope-degraded", `The ${part} of block ${number} are proved again.`, part);
    },
    failed(number, word, isOwed = false) {
      failures += 1;
      if (failures < leastFailures) return;
      restsUntil = number + (hasProved ? shortRestBlocks : restBlocks);
      if (hasProved || isOwed) troubles.raise("scope-degraded", word, false, part);
    },
    lied(member, error) {
      // Not as a stumble: what was right is known, and the next thing that it gives would be the end of it.
      member.hasLied = true;
      troubles.raise("endpoint-disagrees", error.message, false, member.endpoint.label);
    },
  };
}
