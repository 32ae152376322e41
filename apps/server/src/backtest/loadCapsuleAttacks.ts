import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { CapsuleAttack, CapsuleAttacks } from "./CapsuleAttack.ts";

// Examples know the server; the server knows only where they stand. Nothing that ships imports them.
const module = new URL("../../../../examples/dist/incidents/capsuleAttacks.js", import.meta.url);

/** The attacks on the capsules in `folder` that stand beside this program. Throws AttacksMissing when they are not built. */
export async function loadCapsuleAttacks(folder: string): Promise<readonly CapsuleAttack[]> {
  const path = fileURLToPath(module);
  if (!existsSync(path)) throw new AttacksMissing(path);
  const { capsuleAttacks } = (await import(module.href)) as CapsuleAttacks;
  return capsuleAttacks(folder);
}

/** The attacks are not there: a back-test of capsules needs the project's repository, built. */
export class AttacksMissing extends Error {
  override readonly name = "AttacksMissing";
  constructor(path: string) {
    super(
      `No attacks at "${path}".\n- A capsule holds a state; how it is attacked is built with the project.\n- Run \`npm run build\` in its root folder.`,
    );
  }
}
