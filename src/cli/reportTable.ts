/** The interference report for a terminal: totals, models, pairs, and where the conflict is. */
import type { InterferenceReport, InterferenceStatistics, ReportSample, Sampled } from "../protocol/report";
import { printable } from "./printable";
import { labelled, textTable } from "./textTable";
import { formatBytes, formatCount, formatShare } from "../engine/units";

const MAX_ROWS = 20;

export function reportTable(report: InterferenceReport): string {
  const sections = [
    ...(report.sample ? [sampleText(report.sample)] : []),
    `Whole model\n${totalsText(report)}`,
    `Models\n${modelsText(report)}`,
    ...(report.totals.pairs.length > 0 ? [`Pairs\n${pairsText(report)}`] : []),
    // A model without numbered layers is one group: its tensors say it all.
    ...(report.groups.length > 1 ? [conflictText("Layers", report, report.groups)] : []),
    conflictText("Tensors", report, report.tensors),
  ];
  return sections.join("\n");
}

const sampleText = ({ entries, elements, bytesRead, bytes }: ReportSample): string =>
  `Estimated from ${formatCount(entries)} of ${formatCount(elements)} entries (${formatShare(entries, elements)}), ` +
  `${formatBytes(bytesRead)} of ${formatBytes(bytes)} read; ± is half of a 95 % interval\n`;

function totalsText({ totals, tensors }: InterferenceReport): string {
  const { elements, overlap, elected, margins } = totals;
  const share = (part: number, margin: number | undefined): string => shareOf(part, elements, margin);
  return labelled([
    ["tensors", formatCount(tensors.length)],
    ["elements", formatCount(elements)],
    [
      "in conflict",
      `${share(totals.conflict, margins?.conflict)} (before trimming ${share(totals.conflictBefore, margins?.conflictBefore)})`,
    ],
    ["kept by 0, 1, … models", overlap.map((count, at) => share(count, margins?.overlap[at])).join("  ")],
    [
      "elected +, −",
      `${share(elected.positive, margins?.elected.positive)}  ${share(elected.negative, margins?.elected.negative)}`,
    ],
    ["cancelled to 0", share(elected.cancelled, margins?.elected.cancelled)],
    ["agreement", formatRatio(totals.agreement, margins?.agreement)],
    [
      "norm of the merge",
      `${formatNumber(totals.mergedNorm, margins?.mergedNorm)} (of plain averaging ${formatNumber(totals.meanNorm, margins?.meanNorm)})`,
    ],
    ...(totals.nonFinite > 0 ? [["not finite", formatCount(totals.nonFinite)] as const] : []),
  ]);
}

function modelsText({ models, totals }: InterferenceReport): string {
  const rows = totals.models.map((model, t) => {
    const margins = totals.margins?.models[t];
    return [
      printable(models[t]?.name ?? String(t)),
      formatShare(model.density, 1),
      shareOf(model.kept, totals.elements, margins?.kept),
      formatShare(model.positive, model.kept),
      model.threshold === null ? "–" : formatNumber(model.threshold, margins?.threshold),
      formatNumber(model.norm, margins?.norm),
      formatNumber(model.keptNorm, margins?.keptNorm),
      formatShare(model.lost, model.kept),
      shareOf(model.lostMass, 1, margins?.lostMass),
    ];
  });
  const header = ["model", "asked", "kept", "positive", "threshold", "norm", "kept norm", "outvoted", "of its mass"];
  return textTable(header, rows);
}

function pairsText({ models, totals }: InterferenceReport): string {
  const rows = totals.pairs.map(({ i, j, cosine, bothKept, disagree }, at) => [
    `${printable(models[i]?.name ?? String(i))} – ${printable(models[j]?.name ?? String(j))}`,
    formatRatio(cosine, totals.margins?.pairs[at]?.cosine),
    shareOf(bothKept, totals.elements, totals.margins?.pairs[at]?.bothKept),
    formatShare(disagree, bothKept),
  ]);
  return textTable(["pair", "cosine", "both keep", "disagree"], rows);
}

function conflictText(
  title: string,
  { models }: InterferenceReport,
  parts: readonly (Sampled<InterferenceStatistics> & { name: string })[],
): string {
  const conflict = ({ conflict, elements }: InterferenceStatistics): number => (elements > 0 ? conflict / elements : 0);
  const rows = [...parts]
    .sort((a, b) => conflict(b) - conflict(a))
    .slice(0, MAX_ROWS)
    .map((part) => [
      part.name === "" ? "(outside the layers)" : printable(part.name),
      formatCount(part.elements),
      shareOf(part.conflict, part.elements, part.margins?.conflict),
      shareOf(part.conflictBefore, part.elements, part.margins?.conflictBefore),
      formatRatio(part.agreement, part.margins?.agreement),
      ...part.models.map(
        ({ density, kept }, t) =>
          `${formatShare(density, 1)} → ${shareOf(kept, part.elements, part.margins?.models[t]?.kept)}`,
      ),
    ]);
  const kept = models.map(({ name }) => `kept of ${printable(name)}`);
  const header = ["name", "elements", "conflict", "before trim", "agreement", ...kept];
  const count = parts.length > MAX_ROWS ? ` (the first ${MAX_ROWS} of ${formatCount(parts.length)})` : "";
  return `${title} by conflict${count}; density asked → came out\n${textTable(header, rows)}`;
}

/** Half of an interval behind a figure that has one. */
const plusMinus = (margin: number | null | undefined, format: (margin: number) => string): string =>
  margin === undefined || margin === null || margin === 0 ? "" : ` ±${Number.isFinite(margin) ? format(margin) : "?"}`;

const shareOf = (part: number, whole: number, margin: number | undefined): string =>
  `${formatShare(part, whole)}${plusMinus(margin, (half) => ((100 * half) / whole).toFixed(2))}`;

const formatRatio = (value: number | null, margin?: number | null): string =>
  value === null ? "–" : `${value.toFixed(4)}${plusMinus(margin, (half) => half.toFixed(4))}`;

const formatNumber = (value: number, margin?: number | null): string =>
  `${value === 0 ? "0" : value.toPrecision(4)}${plusMinus(margin, (half) => half.toPrecision(2))}`;
