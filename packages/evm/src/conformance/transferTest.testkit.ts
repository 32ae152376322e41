// A state test of one plain transfer, small enough to work out by hand, in both layouts.
import { logsHash } from "./logsHash.ts";
import type { StateAccount, StateAccounts } from "./StateTestEngine.ts";
import { stateRoot } from "./stateRoot.ts";

/** The key that signs in most of the suite, and its address. */
export const secretKey = "0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8";
export const sender = "0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b";
export const target = "0x00000000000000000000000000000000000000aa";
export const coinbase = "0x00000000000000000000000000000000000000cc";
export const emptyLogs = toHex(logsHash([]));

const started = 10n ** 18n;
const spent = 21_000n * 10n;

/** The state before. */
export const before: StateAccounts = new Map([[sender, account({ balance: started, nonce: 7n })]]);

/** The state after `value` wei went over at the price of 10 wei, of which the base fee of 7 is burnt. */
export function after(value: bigint): StateAccounts {
  return new Map([
    [sender, account({ balance: started - spent - value, nonce: 8n })],
    [target, account({ balance: value })],
    [coinbase, account({ balance: 21_000n * 3n })],
  ]);
}

export function account(fields: Partial<StateAccount>): StateAccount {
  return { balance: 0n, nonce: 0n, code: new Uint8Array(0), storage: new Map(), ...fields };
}

export function toHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}

/** A `post` entry that expects the state after `value` wei, or that of `pre` unchanged where an exception is expected. */
export function expecting(accounts: StateAccounts, rest: object = {}) {
  const indexes = { data: 0, gas: 0, value: 0 };
  return { hash: toHex(stateRoot(accounts)), logs: emptyLogs, indexes, txbytes: "0x", ...rest };
}

/** As `ethereum/tests` has it: leading zeros, a list of values that cases choose from, the sender by its key. */
export function classicTransfer(changes: { transaction?: object; post?: object; env?: object } = {}) {
  return {
    _info: { comment: "A transfer" },
    env: {
      currentBaseFee: "0x07",
      currentCoinbase: coinbase,
      currentDifficulty: "0x020000",
      currentExcessBlobGas: "0x00",
      currentGasLimit: "0x05f5e100",
      currentNumber: "0x01",
      currentRandom: `0x${"0".repeat(63)}2`,
      currentTimestamp: "0x03e8",
      ...changes.env,
    },
    pre: { [sender]: { balance: "0x0de0b6b3a7640000", nonce: "0x07", code: "0x", storage: {} } },
    transaction: {
      data: ["0x"],
      gasLimit: ["0x5208"],
      gasPrice: "0x0a",
      nonce: "0x07",
      secretKey,
      to: target,
      value: ["0x01", "0x0100"],
      ...changes.transaction,
    },
    post: changes.post ?? {
      Cancun: [expecting(after(1n)), expecting(after(256n), { indexes: { data: 0, gas: 0, value: 1 } })],
    },
  };
}
