/** Holds a recipe against the names of the tensors: filters, patterns and the layers of slices. */
import { describeError } from "../../protocol/errorText";
import { MergeError, toErrorData } from "../../protocol/errors";
import { globFilter } from "./globFilter";
import { layerCount } from "./layerStack";
import type { MergeSetInput } from "./mergeSetInput";
import { nearestName } from "./nearestName";
import type { RecipeFields } from "./recipeFields";
import { PATTERN_KEYS } from "./recipeKeys";

/** Notes every filter that fits no tensor, and slices that leave layers out. The base (or first model) has the names. */
export function checkTensorNames(
  fields: RecipeFields,
  input: MergeSetInput,
  tensorNames: (path: string) => readonly string[] | null,
): void {
  const hasPatterns = PATTERN_KEYS.some((key) => (input[key] ?? []).length > 0);
  if (fields.filters.length === 0 && !input.slices && !hasPatterns) return;
  const path = input.base ?? input.models[0]?.path;
  const names = path ? namesOf(fields, path, input.base ? "base" : "models.0", tensorNames) : null;
  if (!names) return;
  checkFilters(fields, names);
  for (const key of PATTERN_KEYS) {
    for (const glob of input[key] ?? []) {
      if (names.some(globFilter([glob], []))) continue;
      fields.report(key, `no tensor's name fits \`${glob}\`${nearest(glob, names)}`, "warning");
    }
  }
  const end = input.slices?.at(-1)?.layers?.[1];
  const layers = layerCount(names);
  if (end !== undefined && end !== layers) {
    const last = (input.slices?.length ?? 1) - 1;
    const message = `the checkpoint has ${layers} layers, and the slices end at ${end}: every layer must keep its place`;
    fields.report(`slices.${last}.layers`, message);
  }
}

function namesOf(
  fields: RecipeFields,
  path: string,
  field: string,
  tensorNames: (path: string) => readonly string[] | null,
): readonly string[] | null {
  try {
    return tensorNames(path);
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    // What is not there has been said where it is named.
    if (error.code !== "file-missing" && error.code !== "checkpoint-missing") {
      fields.report(field, describeError(toErrorData(error)));
    }
    return null;
  }
}

function checkFilters({ filters, document }: RecipeFields, names: readonly string[]): void {
  for (const { text, node } of filters) {
    if (names.some((name) => name.includes(text))) continue;
    document.report(node, `no tensor's name contains \`${text}\`${nearest(text, names)}`);
  }
}

/** The part of the names that is most like the filter, or a name to see what they are like. */
function nearest(text: string, names: readonly string[]): string {
  const parts = new Set(names.flatMap((name) => name.split(".")));
  const found = nearestName(text, [...parts]);
  if (found !== undefined) return `; did you mean \`${found}\`?`;
  return names.length > 0 ? `; the names are such as \`${names[0]}\`` : "";
}
