import { type FalseAlarm, needsNoReview } from "@testudo/core/model/FalseAlarm";
import type { FindingStatus } from "@testudo/core/model/FindingStatus";
import { fetchPage } from "./fetchAll.ts";
import { lookBack, pageSize } from "./lookBack.ts";
import { withStore } from "./openExisting.ts";
import type { ServerClient } from "./serverClient.ts";

/** A finding that a person marked as no attack, and that no calibration takes in. */
export type Uncalibrated = Pick<FalseAlarm["finding"], "id" | "class" | "prediction">;

// JSON of a server and records of a store are the same here: no bigint is needed.
interface Settled {
  readonly seq: number;
  readonly finding: Uncalibrated;
  readonly status?: Pick<FindingStatus, "resolution"> | null | undefined;
}

/** The newest such finding that `isMeant`, of `server` or the store in `data`; undefined where there is none. */
export async function findUncalibrated(
  data: string,
  server: ServerClient | undefined,
  isMeant: (id: string) => boolean = () => true,
): Promise<Uncalibrated | undefined> {
  const isWanted = ({ finding, status }: Settled) => needsNoReview(finding, status?.resolution) && isMeant(finding.id);
  const find = async (page: (beforeSeq: number | undefined) => Promise<readonly Settled[]>) =>
    (await lookBack(page, (all) => all.some(isWanted))).find(isWanted)?.finding;
  if (server !== undefined) return find((beforeSeq) => fetchPage(server, "findings", beforeSeq, "&state=resolved"));
  const { listFindings } = await import("../../store/listViews.ts");
  return withStore(data, (store) =>
    find((beforeSeq) =>
      listFindings(store, {
        ...{ limit: pageSize, states: ["resolved"] },
        ...(beforeSeq === undefined ? {} : { beforeSeq }),
      }),
    ),
  );
}
