/** The interference report for a terminal: totals, models, pairs, and where the conflict is. */
import type { InterferenceReport, InterferenceStatistics } from "../protocol/report";
import { printable } from "./printable";
import { labelled, textTable } from "./textTable";
import { formatCount, formatShare } from "../engine/units";

const MAX_ROWS = 20;

export function reportTable(report: InterferenceReport): string {
  const sections = [
    `Whole model\n${totalsText(report)}`,
    `Models\n${modelsText(report)}`,
    ...(report.totals.pairs.length > 0 ? [`Pairs\n${pairsText(report)}`] : []),
    // A model without numbered layers is one group: its tensors say it all.
    ...(report.groups.length > 1 ? [conflictText("Layers", report, report.groups)] : []),
    conflictText("Tensors", report, report.tensors),
  ];
  return sections.join("\n");
}

function totalsText({ totals, tensors }: InterferenceReport): string {
  const { elements, overlap, elected } = totals;
  return labelled([
    ["tensors", formatCount(tensors.length)],
    ["elements", formatCount(elements)],
    [
      "in conflict",
      `${formatShare(totals.conflict, elements)} (before trimming ${formatShare(totals.conflictBefore, elements)})`,
    ],
    ["kept by 0, 1, … models", overlap.map((count) => formatShare(count, elements)).join("  ")],
    ["elected +, −", `${formatShare(elected.positive, elements)}  ${formatShare(elected.negative, elements)}`],
    ["cancelled to 0", formatShare(elected.cancelled, elements)],
    ["agreement", formatRatio(totals.agreement)],
    ["norm of the merge", `${formatNumber(totals.mergedNorm)} (of the plain mean ${formatNumber(totals.meanNorm)})`],
    ...(totals.nonFinite > 0 ? [["not finite", formatCount(totals.nonFinite)] as const] : []),
  ]);
}

function modelsText({ models, totals }: InterferenceReport): string {
  const rows = totals.models.map((model, t) => [
    printable(models[t]?.name ?? String(t)),
    formatShare(model.density, 1),
    formatShare(model.kept, totals.elements),
    formatShare(model.positive, model.kept),
    model.threshold === null ? "–" : formatNumber(model.threshold),
    formatNumber(model.norm),
    formatNumber(model.keptNorm),
    formatShare(model.lost, model.kept),
    formatShare(model.lostMass, 1),
  ]);
  const header = ["model", "asked", "kept", "positive", "threshold", "norm", "kept norm", "outvoted", "of its mass"];
  return textTable(header, rows);
}

function pairsText({ models, totals }: InterferenceReport): string {
  const rows = totals.pairs.map(({ i, j, cosine, bothKept, disagree }) => [
    `${printable(models[i]?.name ?? String(i))} – ${printable(models[j]?.name ?? String(j))}`,
    formatRatio(cosine),
    formatShare(bothKept, totals.elements),
    formatShare(disagree, bothKept),
  ]);
  return textTable(["pair", "cosine", "both keep", "disagree"], rows);
}

function conflictText(
  title: string,
  { models }: InterferenceReport,
  parts: readonly (InterferenceStatistics & { name: string })[],
): string {
  const conflict = ({ conflict, elements }: InterferenceStatistics): number => (elements > 0 ? conflict / elements : 0);
  const rows = [...parts]
    .sort((a, b) => conflict(b) - conflict(a))
    .slice(0, MAX_ROWS)
    .map((part) => [
      part.name === "" ? "(outside the layers)" : printable(part.name),
      formatCount(part.elements),
      formatShare(part.conflict, part.elements),
      formatShare(part.conflictBefore, part.elements),
      formatRatio(part.agreement),
      ...part.models.map((model) => `${formatShare(model.density, 1)} → ${formatShare(model.kept, part.elements)}`),
    ]);
  const kept = models.map(({ name }) => `kept of ${printable(name)}`);
  const header = ["name", "elements", "conflict", "before trim", "agreement", ...kept];
  const count = parts.length > MAX_ROWS ? ` (the first ${MAX_ROWS} of ${formatCount(parts.length)})` : "";
  return `${title} by conflict${count}; density asked → came out\n${textTable(header, rows)}`;
}

const formatRatio = (value: number | null): string => (value === null ? "–" : value.toFixed(4));
const formatNumber = (value: number): string => (value === 0 ? "0" : value.toPrecision(4));
