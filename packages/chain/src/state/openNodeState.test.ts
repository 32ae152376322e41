import type { Hex } from "@testudo/core/model/Hex";
import { expect, test } from "vitest";
import { RpcMalformed } from "../rpc/RpcError.ts";
import type { Endpoint, RpcCall } from "../rpc/rpcEndpoint.ts";
import { parsePrestate } from "../wire/parsePrestate.ts";
import { openNodeState } from "./openNodeState.ts";

const someone: Hex = `0x${"5e".repeat(20)}`;

/** A node at which the account has sent so many transactions. */
function nodeWith(nonce: unknown): Endpoint {
  const answers = { eth_getBalance: "0x1", eth_getTransactionCount: nonce, eth_getCode: "0x" } as Record<
    string,
    unknown
  >;
  const batch = async (calls: readonly RpcCall[]) => calls.map(({ method }) => ({ ok: true, result: answers[method] }));
  return { label: "n1", batch } as unknown as Endpoint;
}

test("behavior: a node that names a nonce which no account can have is at fault itself, before any engine meets it", async () => {
  const stateOf = (nonce: unknown) => openNodeState(nodeWith(nonce), `0x${"ab".repeat(32)}`);
  expect(await stateOf("0xffffffffffffffff").account(someone)).toEqual({
    balance: 1n,
    nonce: 2n ** 64n - 1n,
    code: "0x",
  });
  for (const nonce of ["0x10000000000000000", `0x${"f".repeat(64)}`, "-0x1", 1.5, null]) {
    await expect(stateOf(nonce).account(someone)).rejects.toThrow(RpcMalformed);
    await expect(stateOf(nonce).warm({ accounts: [someone], slots: [] })).rejects.toThrow(RpcMalformed);
  }
  const prestate = (nonce: unknown) => () =>
    parsePrestate({ [someone]: { nonce } }, { method: "debug_traceTransaction" });
  expect(prestate("0xffffffffffffffff")().get(someone)?.nonce).toBe(2n ** 64n - 1n);
  expect(prestate("0x10000000000000000")).toThrow(RpcMalformed);
});
