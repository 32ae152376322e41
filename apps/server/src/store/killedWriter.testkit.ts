// Run as a process of its own by killed.test.ts: commits block after block and names each on stdout once it is stored.
import { applyCommits } from "./applyCommits.ts";
import { chainOf } from "./chain.testkit.ts";
import { loadState } from "./loadState.ts";
import { openStore } from "./openStore.ts";

const store = await openStore(process.argv[2]!);
const { head } = await loadState(store);
const chain = chainOf(head);
for (let number = head.sequence + 2; ; number++) {
  await applyCommits(store, [chain.block(number, number % 3)], [], ["terminal", "hook"]);
  process.stdout.write(`${number}\n`);
}
