import { expect, test } from "vitest";
import { actorCluster } from "./ActorCluster.ts";
import { addr, frame } from "./detectorCase.testkit.ts";
import type { TxView } from "./TxView.ts";

test("behavior: whoever signed a delegation for a transaction acts in it, unless it is the protected one (EIP-7702)", () => {
  const [sender, called, signer, vault] = [addr(1), addr(2), addr(3), addr(4)];
  const delegations = [signer, vault].map((authority) => ({ authority, to: called }));
  const view = {
    tx: { from: sender, to: called, nonce: 0, delegations },
    logs: [],
    trace: frame({ from: sender, to: called }),
    flow: () => ({ net: new Map() }),
  } as unknown as TxView;
  expect([...actorCluster(view, new Set([vault]))]).toEqual([sender, called, signer]);
});
