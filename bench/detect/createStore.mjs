// Creates an empty store in the folder that is named and prints the most memory that took, in MiB, as JSON. The database's own
// set-up takes three times the memory that running it does, once in a store's life.
import { openStore } from "testudo/store/openStore";

const store = await openStore(process.argv[2]);
await store.close();
process.stdout.write(`${JSON.stringify({ peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1024) })}\n`);
