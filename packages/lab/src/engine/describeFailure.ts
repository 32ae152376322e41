// What the engine says of a failure, in the words of geth, which are what detectors and people know.
const words: { readonly [failure: string]: string } = {
  revert: "execution reverted",
  "static state change": "write protection",
  "insufficient balance": "insufficient balance for transfer",
  "code store out of gas": "contract creation code storage out of gas",
  "code size to deposit exceeds maximum code size": "max code size exceeded",
  "create collision": "contract address collision",
  "value out of range": "gas uint64 overflow",
  "initcode exceeds max initcode size": "max initcode size exceeded",
  "invalid bytecode deployed": "invalid code: must not begin with 0xef",
};

/** The failure of a frame as geth names it; what has no other name keeps its own. */
export function describeFailure(failure: string): string {
  // It names the place, which geth does not.
  if (failure.startsWith("invalid JUMP")) return "invalid jump destination";
  return words[failure] ?? failure;
}
