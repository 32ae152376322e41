/** How a frame ended; the numbers are those of `assembly/status.ts`. */
export const succeeded = 0;
export const reverted = 1;
export const balanceTooLow = 21;
export const nonceOverflow = 22;
/** vm.assume(false) ended the run. */
export const assumptionFailed = 30;
export const done = 1;
export const miss = 2;
export const fault = 3;
export const restart = 10;
/** Nothing was done. */
export const unsure = 14;

const words: { readonly [status: number]: string } = {
  1: "execution reverted",
  2: "out of gas",
  3: "invalid opcode",
  4: "stack underflow",
  5: "stack overflow",
  6: "invalid jump destination",
  7: "write protection",
  8: "return data out of bounds",
  9: "max code size exceeded",
  10: "invalid code: must not begin with 0xef",
  11: "contract creation code storage out of gas",
  12: "contract address collision",
  13: "max initcode size exceeded",
  14: "precompile failed",
  20: "max call depth exceeded",
  21: "insufficient balance for transfer",
  22: "nonce uint64 overflow",
  30: "assumption failed",
};

/** The failure of a frame as geth names it; undefined where it succeeded. */
export function describeStatus(status: number): string | undefined {
  return status === succeeded ? undefined : (words[status] ?? `failure ${status}`);
}
