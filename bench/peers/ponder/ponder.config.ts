// What the back-scan is made with: one local chain, one token, a fixed range. The contender sets the variables.
import { createConfig } from "ponder";
import { parseAbi } from "viem";

const startBlock = Number(process.env.BENCH_FROM);
const endBlock = Number(process.env.BENCH_TO);

// biome-ignore lint/style/noDefaultExport: Ponder loads it so.
export default createConfig({
  database: { kind: "pglite", directory: process.env.BENCH_FOLDER! },
  chains: { local: { id: 31_337, rpc: process.env.BENCH_URL!, disableCache: true } },
  contracts: {
    Token: {
      chain: "local",
      abi: parseAbi(["event Transfer(address indexed from, address indexed to, uint256 value)"]),
      address: process.env.BENCH_TOKEN as `0x${string}`,
      startBlock,
      endBlock,
    },
  },
});
