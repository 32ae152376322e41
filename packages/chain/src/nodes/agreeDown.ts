import { RpcRefused } from "../rpc/RpcError.ts";
import { type AgreedBlock, type AgreeOptions, agreeOnBlocks } from "./agreeOnBlocks.ts";

const FIRST_WINDOW = 8;
const WINDOW = 64;

/** The blocks from `from` down to `lowest` on which endpoints agree, cut like `agreeOnBlocks`, which asks for several at once. */
export async function* agreeDown(
  from: bigint,
  lowest: bigint,
  options: Omit<AgreeOptions, "withTxs">,
): AsyncGenerator<AgreedBlock> {
  let window = FIRST_WINDOW;
  let most = WINDOW;
  for (let next = from; next >= lowest; ) {
    const numbers: bigint[] = [];
    for (let n = next; n >= lowest && numbers.length < window; n--) numbers.push(n);
    const agreed = await agreeOnBlocks(numbers, { ...options, withTxs: false }).catch((error: unknown) => {
      // Several may be too many. Whoever refuses one is asked no more, and others are.
      if (error instanceof RpcRefused && numbers.length > 1) return undefined;
      throw error;
    });
    if (agreed === undefined) {
      most = Math.ceil(numbers.length / 2);
    } else {
      yield* agreed;
      if (agreed.length < numbers.length) return;
      next -= BigInt(numbers.length);
    }
    window = most;
  }
}
