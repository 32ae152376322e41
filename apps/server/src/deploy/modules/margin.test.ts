import { testRefusals } from "../refusals.testkit.ts";

testRefusals([["a model hash of zero", { "margin.modelHash": `0x${"0".repeat(64)}` }, "not all zero"]]);
