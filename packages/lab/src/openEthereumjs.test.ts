import { describe } from "vitest";
import { describeEvm } from "./Evm.suite.testkit.ts";
import { openEthereumjs } from "./openEthereumjs.ts";

describe("@ethereumjs/vm", () => describeEvm(openEthereumjs, { impersonation: "it lets no contract send" }));
