import { afterEach, describe } from "vitest";
import { describeEvm } from "./Evm.suite.testkit.ts";
import { openEdr } from "./openEdr.ts";
import type { NodeEvm } from "./openNodeEvm.ts";

const opened: NodeEvm[] = [];
afterEach(async () => {
  for (const evm of opened.splice(0)) await evm.close();
});

describe("EVM-05: EDR", () =>
  describeEvm(async (source, block) => {
    const evm = await openEdr(source, block);
    opened.push(evm);
    return evm;
  }));
