// Breaks one line after another and sees whether a test notices.
import { mutate } from "./mutantsOf.mjs";
import { serveSolc } from "./solcServer.mjs";
import { stagesOf } from "./testsOf.mjs";
import { makeTrees, runTests, writeInTree } from "./testTree.mjs";

/**
 * Tells `onOutcome(mutant, outcome)` of each of `mutants`, one by one, until `isOver()`: "killed", "survived" or
 * "uncompiled". Throws where tests fail on the sources as they are. An outcome that came while the run was being ended is
 * not told: whatever ended the run may have ended the tests. `worker` names the trees, which no other run may use.
 */
export async function runMutants(worker, mutants, texts, isOver, onOutcome) {
  makeTrees(worker);
  const compiler = await serveSolc();
  const sound = new Set();
  try {
    for (const mutant of mutants) {
      if (isOver()) return;
      const outcome = await outcomeOf(worker, mutant, texts, compiler.settings, sound);
      if (isOver.byHand()) return;
      onOutcome(mutant, outcome);
    }
  } catch (error) {
    if (!isOver.byHand()) throw error;
  } finally {
    compiler.close();
  }
}

async function outcomeOf(worker, mutant, texts, compiler, sound) {
  const text = texts.get(mutant.file);
  for (const stage of stagesOf(mutant.file, texts)) {
    await requireSound(worker, stage, compiler, sound);
    writeInTree(worker, stage.linked, mutant.file, mutate(text, mutant));
    const outcome = await runTests(worker, stage, compiler);
    writeInTree(worker, stage.linked, mutant.file, text);
    if (outcome !== "passed") return outcome === "failed" ? "killed" : "uncompiled";
  }
  return "survived";
}

// A test that fails anyway would kill every mutant.
async function requireSound(worker, stage, compiler, sound) {
  const name = JSON.stringify(stage);
  if (sound.has(name)) return;
  if ((await runTests(worker, stage, compiler)) !== "passed")
    throw new Error(`Tests of the unbroken sources fail: ${stage.paths.join(", ")}.\n- Make them pass first.`);
  sound.add(name);
}
