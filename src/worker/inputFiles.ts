/** The files of a set that was opened, each with what tells whether it changes. */
import { fileStamp } from "../io/fileStamp";
import type { InputFile } from "../protocol/engineApi";
import type { PartlyOpened } from "./openPartly";
import type { PreparedSet } from "./preparedSet";

/** `opened`: of a set that was opened in part, where what could not be opened may yet appear. */
export function inputFiles({ set, base, models, statistics }: PreparedSet, opened?: PartlyOpened): InputFile[] {
  const found = new Map<string, InputFile>();
  const add = (model: string | null, path: string): void => {
    if (!found.has(path)) found.set(path, { model, path, stamp: fileStamp(path) });
  };
  for (const path of base?.files ?? []) add(null, path);
  for (const members of [models, statistics?.files ?? []]) {
    members.forEach(({ files }, index) => files.forEach((path) => add(set.models[index]?.name ?? null, path)));
  }
  for (const { model, path, leftOut } of opened?.brokenModels ?? []) if (leftOut) add(model, path);
  return [...found.values()];
}
