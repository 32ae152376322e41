import { describeEvm } from "@testudo/lab/Evm.suite.testkit";
import type { NodeEvm } from "@testudo/lab/openNodeEvm";
import { afterEach, describe } from "vitest";
import { openAnvil } from "./openAnvil.ts";

const opened: NodeEvm[] = [];
afterEach(async () => {
  for (const evm of opened.splice(0)) await evm.close();
});

describe("EVM-05: anvil", () =>
  describeEvm(async (source, block) => {
    const evm = await openAnvil(source, block);
    opened.push(evm);
    return evm;
  }));
