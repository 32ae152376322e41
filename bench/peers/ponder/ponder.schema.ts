import { onchainTable } from "ponder";

export const holder = onchainTable("holder", (t) => ({
  address: t.hex().primaryKey(),
  count: t.integer().notNull(),
  received: t.bigint().notNull(),
}));
