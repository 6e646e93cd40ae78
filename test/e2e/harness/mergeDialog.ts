/** The questions before a merge or an inspection, answered. */
import type { Editor } from "./editor";

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

export async function answerMergeDialog(editor: Editor, answers: MergeAnswers): Promise<void> {
  await answerModels(editor, answers);
  await editor.asked(/How are they to be merged/);
  await editor.pick("TIES");
  await answerDensity(editor, answers);
  await editor.asked(/Folder for the merged model/);
  await editor.answer(answers.out);
}

export async function answerInspectDialog(editor: Editor, answers: InspectionAnswers): Promise<void> {
  await answerModels(editor, answers);
  await answerDensity(editor, answers);
}

async function answerModels(editor: Editor, { base, models }: InspectionAnswers): Promise<void> {
  await editor.asked(/Which checkpoint were the models fine-tuned from/);
  await editor.pick(base);
  if (!models) return;
  await editor.asked(/Which models were/);
  await editor.tick(models);
}

async function answerDensity(editor: Editor, { density }: InspectionAnswers): Promise<void> {
  await editor.asked(/Density/);
  await editor.answer(String(density));
}
