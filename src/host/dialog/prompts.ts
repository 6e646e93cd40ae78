/** Quick picks and input boxes with a title, a step number and a back button, as promises. */
import * as vscode from "vscode";

/** The person wants the step before. */
export const BACK = Symbol("back");

/** `undefined`: the person left. */
export type Answer<T> = T | typeof BACK | undefined;

/** Where in the dialog a prompt stands. */
export interface Frame {
  title: string;
  step: number;
  totalSteps: number;
}

export interface Choice<T> extends vscode.QuickPickItem {
  value?: T;
}

interface PickOptions<T> {
  placeholder: string;
  /** Shown as soon as they are there. */
  items: readonly Choice<T>[] | Promise<readonly Choice<T>[]>;
  waiting?: string;
}

/** One of the items. */
export function pickOne<T>(frame: Frame, options: PickOptions<T>): Promise<Answer<T>> {
  return showPick<T, T>(frame, options, (pick) => pick.selectedItems[0]?.value);
}

interface PickManyOptions<T, B> extends PickOptions<T> {
  buttons: readonly { button: vscode.QuickInputButton; value: B }[];
  selected: (value: T) => boolean;
  /** Shown in place of the placeholder when nothing was chosen. */
  chooseOne: string;
}

/** One or more of the items in their order, or the value of a button with what was chosen until then. */
export function pickMany<T, B>(
  frame: Frame,
  options: PickManyOptions<T, B>,
): Promise<Answer<{ chosen: T[]; button: B | undefined }>> {
  const chosenOf = (pick: vscode.QuickPick<Choice<T>>): T[] => valuesInOrder(pick.items, pick.selectedItems);
  return showPick<T, { chosen: T[]; button: B | undefined }>(
    frame,
    options,
    (pick) => {
      const chosen = chosenOf(pick);
      if (chosen.length > 0) return { chosen, button: undefined };
      pick.placeholder = options.chooseOne;
      return undefined;
    },
    (pick, settle) => {
      pick.canSelectMany = true;
      pick.buttons = [...pick.buttons, ...options.buttons.map(({ button }) => button)];
      pick.onDidChangeSelection(() => (pick.placeholder = options.placeholder));
      pick.onDidTriggerButton((pressed) => {
        const own = options.buttons.find(({ button }) => button === pressed);
        if (own) settle({ chosen: chosenOf(pick), button: own.value });
      });
    },
    (items) => items.filter(({ value }) => value !== undefined && options.selected(value)),
  );
}

function valuesInOrder<T>(items: readonly Choice<T>[], selected: readonly Choice<T>[]): T[] {
  return items.filter((item) => selected.includes(item)).flatMap(({ value }) => (value === undefined ? [] : [value]));
}

function showPick<T, R>(
  frame: Frame,
  { placeholder, items, waiting }: PickOptions<T>,
  accepted: (pick: vscode.QuickPick<Choice<T>>) => R | undefined,
  prepare?: (pick: vscode.QuickPick<Choice<T>>, settle: (answer: Answer<R>) => void) => void,
  preselect?: (items: readonly Choice<T>[]) => readonly Choice<T>[],
): Promise<Answer<R>> {
  const pick = vscode.window.createQuickPick<Choice<T>>();
  return settled(pick, frame, (settle) => {
    prepare?.(pick, settle);
    pick.matchOnDescription = true;
    pick.matchOnDetail = true;
    pick.placeholder = waiting ?? placeholder;
    pick.busy = true;
    Promise.resolve(items).then(
      (loaded) => {
        pick.items = loaded;
        if (preselect) pick.selectedItems = preselect(loaded);
        pick.placeholder = placeholder;
        pick.busy = false;
      },
      () => settle(undefined),
    );
    pick.onDidAccept(() => {
      const answer = accepted(pick);
      if (answer !== undefined) settle(answer);
    });
  });
}

interface InputOptions {
  prompt: string;
  value: string;
  /** What is wrong with a value, or nothing. */
  problem: (value: string) => string | undefined;
  button?: vscode.QuickInputButton;
}

/** A line of text; `button` instead of it when the extra button was pressed. */
export function inputText(frame: Frame, options: InputOptions): Promise<Answer<{ text: string; button: boolean }>> {
  const input = vscode.window.createInputBox();
  return settled(input, frame, (settle) => {
    input.prompt = options.prompt;
    input.value = options.value;
    if (options.button) input.buttons = [...input.buttons, options.button];
    input.onDidTriggerButton((button) => {
      if (button === options.button) settle({ text: input.value, button: true });
    });
    input.onDidChangeValue((value) => (input.validationMessage = options.problem(value.trim())));
    input.onDidAccept(() => {
      const text = input.value.trim();
      input.validationMessage = options.problem(text);
      if (!input.validationMessage) settle({ text, button: false });
    });
  });
}

interface Prompt extends vscode.QuickInput {
  buttons: readonly vscode.QuickInputButton[];
  readonly onDidTriggerButton: vscode.Event<vscode.QuickInputButton>;
}

/** Shows `input` until `begin` settles it, or the person goes back or leaves. */
async function settled<R>(
  input: Prompt,
  frame: Frame,
  begin: (settle: (answer: Answer<R>) => void) => void,
): Promise<Answer<R>> {
  try {
    return await new Promise<Answer<R>>((resolve) => {
      Object.assign(input, frame);
      // A file dialog may take the focus in between.
      input.ignoreFocusOut = true;
      if (frame.step > 1) input.buttons = [vscode.QuickInputButtons.Back];
      input.onDidTriggerButton((button) => {
        if (button === vscode.QuickInputButtons.Back) resolve(BACK);
      });
      input.onDidHide(() => resolve(undefined));
      begin(resolve);
      input.show();
    });
  } finally {
    input.dispose();
  }
}
