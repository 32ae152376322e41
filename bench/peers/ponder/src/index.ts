// The least that an indexer does: each transfer is decoded, counted and summed, here by its receiver.
import { ponder } from "ponder:registry";
import { holder } from "ponder:schema";

ponder.on("Token:Transfer", async ({ event, context }) => {
  const { to, value } = event.args;
  await context.db
    .insert(holder)
    .values({ address: to, count: 1, received: value })
    .onConflictDoUpdate((row) => ({ count: row.count + 1, received: row.received + value }));
});
