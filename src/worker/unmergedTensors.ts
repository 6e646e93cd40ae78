/** What a merge writes beside merged values: tensors that are carried, rows that the base alone has, second names. */
import { elementCount } from "../engine/format/tensorEntry";
import { BYTES_OF } from "../engine/kernels/chunkReader";
import { isFloatDtype, type MatchedTensor } from "../engine/plan/matchTensors";
import { segmentsOf } from "../engine/plan/workPlan";
import { MergeError } from "../protocol/errors";
import type { FloatDtype } from "../protocol/mergeSet";
import type { CarryJob, JobBase, KeepRowsJob, Stretch } from "./computeApi";
import { rangeOf, type PreparedSet } from "./preparedSet";
import type { Run } from "./run";

/** Where a tensor of the output begins. */
export type PlaceOf = (tensor: MatchedTensor) => { file: string; offset: number };

type Task<Job> = Omit<Job, keyof JobBase>;

/** Bytes that the three functions below go through, for progress. */
export const unmergedBytes = ({ tensors }: PreparedSet): number =>
  tensors.reduce((sum, tensor) => {
    if (isCarried(tensor)) return sum + (tensor.template.end - tensor.template.begin) * (1 + tensor.models.length);
    if (tensor.kind === "shared") return sum + bytesOf(tensor);
    const rest = restOf(tensor).reduce((entries, { count }) => entries + count, 0);
    return sum + (rest > 0 ? rest * BYTES_OF[rangeOf(tensor.template).dtype] : 0);
  }, 0);

/** Tensors that are not merged: copied from the base. `onStart` is told the name of each. */
export async function carryTensors(
  { tensors, set }: PreparedSet,
  run: Run,
  placeOf: PlaceOf,
  onStart: (name: string) => void,
): Promise<void> {
  await run.all(
    tensors.filter(isCarried).map((tensor) =>
      run.submit("carry", (): Task<CarryJob> => {
        const { name, dtype, template, models, kind } = tensor;
        onStart(name);
        const compared = kind === "carry" && set.nonFloat === "error" ? models : [];
        return {
          name,
          dtype,
          bytes: template.end - template.begin,
          from: { file: template.file, offset: template.begin, view: template.view, computed: template.computed },
          others: compared.map(({ file, begin, view }, model) => ({ file, offset: begin, view, model })),
          output: placeOf(tensor),
        };
      }),
    ),
  );
}

/** Of vocabularies of different sizes, the base's rows that not all have. */
export async function keepRows(
  { tensors }: PreparedSet,
  run: Run,
  placeOf: PlaceOf,
  onStart: (name: string) => void,
): Promise<void> {
  await run.all(
    tensors.flatMap((tensor) =>
      restOf(tensor).map((stretch) =>
        run.submit("keepRows", (): Task<KeepRowsJob> => {
          const { name, outShape: shape, template } = tensor;
          onStart(name);
          return {
            name,
            shape,
            stretch,
            from: rangeOf(template),
            output: { ...placeOf(tensor), dtype: outDtypeOf(tensor) },
          };
        }),
      ),
    ),
  );
}

/** What is merged under one name and stands in the base under another too: from the output, when that is finished. */
export async function copyShared({ tensors }: PreparedSet, run: Run, placeOf: PlaceOf): Promise<void> {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  await run.all(
    tensors.flatMap((tensor) => {
      const { name, dtype, sharedWith } = tensor;
      const owner = sharedWith === null ? undefined : byName.get(sharedWith);
      if (!owner) return [];
      const job = { name, dtype, bytes: bytesOf(tensor), from: placeOf(owner), others: [], output: placeOf(tensor) };
      return [run.submit("carry", () => job)];
    }),
  );
}

const isCarried = ({ kind }: MatchedTensor): boolean => kind === "carry" || kind === "keep";

/** Stretches of a merged tensor behind the entries that are merged. */
const restOf = ({ elements, outShape, kind }: MatchedTensor): Stretch[] =>
  kind === "merge"
    ? segmentsOf(0, elementCount(outShape) - elements).map(({ start, count }) => ({ start: elements + start, count }))
    : [];

/** In the output. */
const bytesOf = (tensor: MatchedTensor): number => elementCount(tensor.outShape) * BYTES_OF[outDtypeOf(tensor)];

function outDtypeOf({ name, outDtype }: MatchedTensor): FloatDtype {
  if (isFloatDtype(outDtype)) return outDtype;
  throw new MergeError("internal", { where: name, message: `dtype ${outDtype} is not encoded` });
}
