/** The commands and the questions before a merge or an inspection, answered. */
import type { Editor } from "./editor";
import { untilDone } from "./until";

type Command = "Merge Checkpoints…" | "Inspect Interference…";

export interface InspectionAnswers {
  base: string;
  /** Left out where the explorer's selection has named them. */
  models?: readonly string[];
  density: number;
}

export interface MergeAnswers extends InspectionAnswers {
  /** Full path. */
  out: string;
}

const FIRST_QUESTION = /Which checkpoint were the models fine-tuned from/;

export const fromPalette = (editor: Editor, command: Command): Promise<void> =>
  untilAsked(editor, command, () => editor.questions.runCommand(`TIES Merge: ${command}`));

export const fromExplorer = (editor: Editor, command: Command, ...names: string[]): Promise<void> =>
  untilAsked(editor, command, () => editor.explorer.runFromMenu(command, ...names));

export async function answerMergeDialog({ questions }: Editor, answers: MergeAnswers): Promise<void> {
  await answerModels(questions, answers);
  await questions.pick(/How are they to be merged/, "TIES");
  await answerDensity(questions, answers);
  await questions.answer(/Folder for the merged model/, answers.out);
}

export async function answerInspectDialog({ questions }: Editor, answers: InspectionAnswers): Promise<void> {
  await answerModels(questions, answers);
  await answerDensity(questions, answers);
}

/** A menu that loses the focus closes without running its command: then no question comes, however long one waits. */
async function untilAsked(editor: Editor, command: Command, act: () => Promise<void>): Promise<void> {
  const { questions } = editor;
  await untilDone(`the first question of "${command}"`, {
    act: async () => (await questions.isOpen()) || act(),
    done: () => questions.isAsked(FIRST_QUESTION),
    again: 40_000,
    instead: () => editor.whatIsShown(),
  });
}

async function answerModels(questions: Editor["questions"], { base, models }: InspectionAnswers): Promise<void> {
  await questions.pick(FIRST_QUESTION, base);
  if (models) await questions.tick(/Which models were/, models);
}

const answerDensity = (questions: Editor["questions"], { density }: InspectionAnswers): Promise<void> =>
  questions.answer(/Density/, String(density));
