// Breaks one line after another and sees whether a test notices.
import { mutate } from "./mutantsOf.mjs";
import { testsOf } from "./testsOf.mjs";
import { makeTree, runTests, writeInTree } from "./testTree.mjs";

/**
 * Tells `onOutcome(mutant, outcome)` of each of `mutants`, one by one, until `isOver()`: "killed", "survived" or
 * "uncompiled". Throws where tests fail on the sources as they are. An outcome that came while the run was being ended is
 * not told: whatever ended the run may have ended the tests.
 */
export async function runMutants(mutants, texts, isOver, onOutcome) {
  makeTree();
  const sound = new Set();
  for (const mutant of mutants) {
    if (isOver()) return;
    const outcome = await outcomeOf(mutant, texts, sound, isOver);
    if (isOver.byHand()) return;
    onOutcome(mutant, outcome);
  }
}

async function outcomeOf(mutant, texts, sound, isOver) {
  const text = texts.get(mutant.file);
  for (const stage of testsOf(mutant.file, texts)) {
    await assertSound(stage, sound, isOver);
    writeInTree(mutant.file, mutate(text, mutant));
    const outcome = await runTests(stage);
    writeInTree(mutant.file, text);
    if (outcome !== "passed") return outcome === "failed" ? "killed" : "uncompiled";
  }
  return "survived";
}

// A test that fails anyway would kill every mutant.
async function assertSound(stage, sound, isOver) {
  const name = stage.join(", ");
  if (sound.has(name)) return;
  const outcome = await runTests(stage);
  if (outcome !== "passed" && !isOver.byHand())
    throw new Error(`Tests of the unbroken sources ended as "${outcome}": ${name}.\n- Make them pass first.`);
  sound.add(name);
}
