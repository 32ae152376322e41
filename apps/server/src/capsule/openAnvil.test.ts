import type { OpenEvm } from "@testudo/core/model/Evm";
import { describeEvm } from "@testudo/lab/engine/Evm.suite.testkit";
import type { NodeEvm } from "@testudo/lab/engine/openNodeEvm";
import { describeRealBlocks } from "@testudo/lab/record/realBlocks.testkit";
import { afterEach, describe } from "vitest";
import { openAnvil } from "./openAnvil.ts";

const opened: NodeEvm[] = [];
afterEach(async () => {
  for (const evm of opened.splice(0)) await evm.close();
});

const noRandao = "anvil 1.7.1 makes up the value of each block, and has no method to set it";

const open: OpenEvm = async (source, block) => {
  const evm = await openAnvil(source, block);
  opened.push(evm);
  return evm;
};

describe("EVM-05: anvil", () => {
  describeEvm(open, { randao: noRandao });
  describeRealBlocks(open);
});
