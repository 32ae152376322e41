// Ponder asks for an interface over HTTP; this one says how much was indexed.

import { db } from "ponder:api";
import { holder } from "ponder:schema";
import { Hono } from "hono";
import { sql } from "ponder";

const app = new Hono();

app.get("/tally", async (c) => {
  const [row] = await db
    .select({
      events: sql<string>`coalesce(sum(${holder.count}), 0)`,
      sum: sql<string>`coalesce(sum(${holder.received}), 0)`,
    })
    .from(holder);
  return c.json(row);
});

// biome-ignore lint/style/noDefaultExport: Ponder loads it so.
export default app;
