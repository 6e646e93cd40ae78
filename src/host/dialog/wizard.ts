/** Steps of a dialog that can be walked back; a step that does not apply is neither shown nor counted. */
import { BACK, type Answer, type Frame } from "./prompts";

export interface WizardStep {
  applies(): boolean;
  /** Asks and remembers the answer. */
  ask(frame: Frame): Promise<Answer<true>>;
}

/** Whether the person went through to the end. */
export async function runWizard(title: string, steps: readonly WizardStep[]): Promise<boolean> {
  let current = steps.findIndex((step) => step.applies());
  while (current !== -1) {
    const step = steps[current];
    if (!step) return true;
    const answer = await step.ask(frameOf(title, steps, step));
    if (answer === undefined) return false;
    const next = steps.findIndex((other, index) => index > current && other.applies());
    if (answer === true && next === -1) return true;
    current = answer === BACK ? steps.findLastIndex((other, index) => index < current && other.applies()) : next;
  }
  return steps.length === 0 || !steps.some((step) => step.applies());
}

function frameOf(title: string, steps: readonly WizardStep[], step: WizardStep): Frame {
  const shown = steps.filter((other) => other.applies());
  return { title, step: shown.indexOf(step) + 1, totalSteps: shown.length };
}
