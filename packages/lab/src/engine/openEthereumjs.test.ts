import { describe } from "vitest";
import { describeEvm } from "./Evm.suite.testkit.ts";
import { openEthereumjs } from "./openEthereumjs.ts";

describe("@ethereumjs/vm", () =>
  describeEvm((source, block) => openEthereumjs(source, block), { impersonation: "it lets no contract send" }));
