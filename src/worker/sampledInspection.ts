/** A report whose figures are estimated from a share of the entries, with how far each may be off. */
import { resolvedRecipe } from "../engine/plan/resolvedRecipe";
import type { InspectProgress } from "../protocol/engineApi";
import { MergeError } from "../protocol/errors";
import { REPORT_FORMAT, type InterferenceReport, type InterferenceStatistics, type Sampled } from "../protocol/report";
import type { CallContext } from "../protocol/rpc";
import { figuresLength, readFigures, type SampledReport } from "../protocol/sample";
import { InspectionSample } from "./inspectionSample";
import type { ComputePool } from "./pool";
import type { PreparedSet } from "./preparedSet";
import { shownOrder } from "./shownOrder";

/**
 * @param share of the entries, above 0 and at most 1; fewer where `room` (bytes) does not hold as many.
 * @throws MergeError `base-needed` without a base.
 */
export async function sampledInspection(
  prepared: PreparedSet,
  pool: ComputePool,
  share: number,
  room: number,
  context: CallContext<InspectProgress>,
): Promise<InterferenceReport> {
  const { set } = prepared;
  if (prepared.base === null) throw new MergeError("base-needed", { where: "" });
  const sample = new InspectionSample(prepared, pool, room, context.signal, share);
  const members = set.models.map((_, at) => at);
  return reportOf(prepared, await sample.report({ set, members, tensors: true, margins: true }, context));
}

/** In the order of the exact report: that of the files. */
function reportOf(
  { set, notes, tensors }: PreparedSet,
  { models, figures, margins, groups, places, entries, elements, bytesRead, bytes }: SampledReport,
): InterferenceReport {
  const length = figuresLength(models);
  let next = 0;
  const take = (): Sampled<InterferenceStatistics> => {
    const start = next++ * length;
    return { ...readFigures(figures, start, models), margins: readFigures(margins, start, models) };
  };
  const totals = take();
  const ofGroups = groups.map((name) => ({ name, ...take() }));
  next += places;
  const rows = shownOrder(tensors).map((index) => {
    const { name, shape, dtype } = tensors[index];
    return { index, row: { name, shape: [...shape], dtype, ...take() } };
  });
  return {
    format: REPORT_FORMAT,
    recipe: resolvedRecipe(set),
    models: set.models.map(({ name, path }) => ({ name, path })),
    notes,
    sample: { entries, elements, bytesRead, bytes },
    totals,
    groups: ofGroups,
    tensors: rows.sort((a, b) => a.index - b.index).map(({ row }) => row),
  };
}
