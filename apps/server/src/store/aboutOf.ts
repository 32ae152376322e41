import type { EvidenceRecord } from "@testudo/core/model/Output";

/** The id of the finding, incident, action or report that `record` belongs to; null for a remark. */
export function aboutOf(record: EvidenceRecord): string | null {
  switch (record.kind) {
    case "Finding":
    case "Action":
      return record.id;
    case "FindingStatus":
    case "Review":
      return record.finding;
    case "Incident":
    case "Decision":
    case "Derivation":
      return record.incident;
    case "ActionStatus":
    case "Approval":
    case "Simulation":
      return record.action;
    case "Report":
      return record.report;
    case "Remark":
      return null;
    default:
      return never(record);
  }
}

/** The state that a record of a life puts its subject in; null where it puts it in none. */
export function stateOf(record: EvidenceRecord): string | null {
  switch (record.kind) {
    case "Incident":
    case "ActionStatus":
      return record.state;
    case "FindingStatus":
      return record.work;
    default:
      return null;
  }
}

function never(record: never): never {
  throw new TypeError(`Record kind "${(record as { kind: string }).kind}" is unknown.`);
}
