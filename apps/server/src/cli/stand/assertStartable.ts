import { assertPortFree, type Listening } from "../../api/assertPortFree.ts";
import { assertUnlocked } from "../../store/lockFolder.ts";
import { assertFolder } from "../../store/readyFolder.ts";

/**
 * Resolves when a watch may use this folder and this port: what would end its start shows before a node is asked. Throws
 * FolderUnusable, FolderLockedError, PortTakenError or HostNotLoopbackError.
 */
export async function assertStartable({ dataDir, api }: { readonly dataDir: string; readonly api: Listening }) {
  assertFolder(dataDir);
  // Before the port, which the same other watch holds: of the two the folder tells whose it is.
  assertUnlocked(dataDir);
  await assertPortFree(api);
}
