import type { Action } from "@testudo/core/model/Action";
import type { Input } from "@testudo/core/model/Input";
import { openDraft } from "@testudo/core/model/Memory";
import { both, signed, states } from "@testudo/core/pipeline.testkit";
import { afterAll, expect, test } from "vitest";
import { noteLeaving } from "../store/noteLeaving.ts";
import { storeFixture } from "../store/storeFolder.testkit.ts";
import { leaseBytes } from "./leaseBytes.ts";
import { chainId, openPoolNode, sendingTo } from "./pool.testkit.ts";
import { tellLeft } from "./tellLeft.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);

/** A watch that died with the bytes of a signed pause stored, and given out where `isOut`, before any of that was written down. */
async function died(isOut: boolean) {
  const store = await fixture.empty();
  const { options } = sendingTo(store, [openPoolNode("node")]);
  const { f, action } = signed(both);
  const { tx } = await leaseBytes(options, { kind: "send", action: action as Action, approvals: [] });
  if (isOut) await noteLeaving(store, tx.hash);
  const start = () =>
    tellLeft({ store, chainId, cases: openDraft(f.state.cells), tell: (input: Input) => void f.feed(input) });
  return { f, start };
}

test.each([
  [true, "broadcast"],
  [false, "signed"],
])("RESP-07: what left as the watch died is not killed by all words at the next start, %s", async (isOut, last) => {
  const { f, start } = await died(isOut);
  expect(states(f).at(-1)).toBe("approved");
  await start();
  f.feed({ kind: "mode", mode: "killed", actor: "test", reason: "test" });
  expect(states(f).at(-1)).toBe(last);
  await start();
  expect(states(f).at(-1)).toBe(last);
});
