/** Which of some checkpoints is the base θ₀ of the others: a proposal with its reasons, never a decision. */
import { basename, isAbsolute, resolve } from "node:path";
import { comparePaths } from "./findInFiles";
import { layoutDifference, type TensorLayout } from "./tensorLayout";

/** What is known of a checkpoint without its weights. */
export interface CheckpointFacts extends TensorLayout {
  path: string;
  /** `_name_or_path`, `base_model_name_or_path`, `base_model`: what it says it was made from. */
  parents: string[];
  /** `architectures` and `model_type` of its config; `` where unknown. */
  architecture: string;
  /** An adapter: no base, and a model of every base that it names. */
  adapter?: boolean;
}

export interface BaseEvidence {
  /** How many of the other checkpoints name it as what they were made from. */
  namedBy: number;
  /** It says itself that it was made from another candidate. */
  namesAnother: boolean;
  /** Its name says base, pretrained, … */
  namedLikeBase: boolean;
  /** How many of the others have the same tensors and shapes, as far as a merge needs it; how many have others; the rest is unknown. */
  sameLayout: number;
  otherLayout: number;
  /** How many of those with the same have other rows of the vocabulary, or copies of tied weights. */
  otherVocabulary: number;
  /** How many of the others have another architecture in their config. */
  otherArchitecture: number;
  /** Checkpoints it was compared with. */
  others: number;
}

export interface RankedBase {
  path: string;
  evidence: BaseEvidence;
  /** More speaks for it than for any other candidate. */
  proposed: boolean;
}

const LIKE_BASE = /(^|[^a-z])(base|pretrained|pre-trained|foundation|original|initial|init|theta0)([^a-z]|$)/i;

/**
 * Ranks `candidates` as base of `models` (the candidate itself left out), best first. Only the facts count:
 * neither the order of the selection nor that of the folders.
 */
export function proposeBase(candidates: readonly CheckpointFacts[], models: readonly CheckpointFacts[]): RankedBase[] {
  const ranked = candidates
    .map((candidate) => {
      const evidence = gatherEvidence(candidate, candidates, models);
      return { path: candidate.path, evidence, score: score(evidence) };
    })
    .sort((a, b) => b.score - a.score || comparePaths(a.path, b.path));
  const [best, second] = ranked;
  const stands = best !== undefined && best.score > 0 && best.score > (second?.score ?? 0);
  return ranked.map(({ path, evidence }, index) => ({ path, evidence, proposed: stands && index === 0 }));
}

function gatherEvidence(
  candidate: CheckpointFacts,
  candidates: readonly CheckpointFacts[],
  models: readonly CheckpointFacts[],
): BaseEvidence {
  const others = models.filter((model) => model.path !== candidate.path);
  const knownLayouts = others.filter((model) => model.layout !== "" && candidate.layout !== "");
  const alike = knownLayouts.filter((model) => model.layout === candidate.layout);
  const knownArchitectures = others.filter((model) => model.architecture !== "" && candidate.architecture !== "");
  return {
    namedBy: others.filter((model) => namesParent(model, candidate)).length,
    namesAnother: candidates.some((other) => other.path !== candidate.path && namesParent(candidate, other)),
    namedLikeBase: LIKE_BASE.test(checkpointName(candidate.path)),
    sameLayout: alike.length,
    otherLayout: knownLayouts.length - alike.length,
    otherVocabulary: alike.filter((model) => layoutDifference(model, candidate) !== null).length,
    otherArchitecture: knownArchitectures.filter((model) => model.architecture !== candidate.architecture).length,
    others: others.length,
  };
}

/**
 * What a checkpoint says of its origin weighs more than its name, and tensors that do not fit weigh against
 * everything: a merge with them is impossible. Equal tensors say nothing by themselves, fine-tunes have them too.
 */
function score(evidence: BaseEvidence): number {
  const { others } = evidence;
  if (others === 0) return 0;
  const share = (count: number): number => count / others;
  return (
    10 * share(evidence.namedBy) +
    (evidence.namedLikeBase ? 4 : 0) -
    (evidence.namesAnother ? 6 : 0) -
    20 * share(evidence.otherLayout) -
    5 * share(evidence.otherArchitecture)
  );
}

/** Whether `model` says it was made from `other`: by its path, or by its name if their tensors may be the same. */
function namesParent(model: CheckpointFacts, other: CheckpointFacts): boolean {
  const mayFit = model.layout === "" || other.layout === "" || model.layout === other.layout;
  return model.parents.some((parent) => {
    if (isAbsolute(parent) && resolve(parent) === other.path) return true;
    if (parent.startsWith(".") && resolve(model.path, "..", parent) === other.path) return true;
    return mayFit && checkpointName(parent).toLowerCase() === checkpointName(other.path).toLowerCase();
  });
}

/** `org/Name`, `/models/Name/`, `Name.safetensors` and `models--org--Name/snapshots/0a1b…` are all `Name`. */
export function checkpointName(path: string): string {
  const forward = path.replaceAll("\\", "/").replace(/\/+$/, "");
  const cached = /models--(?:.+?--)?([^/]+)\/snapshots\/[^/]+$/.exec(forward);
  return cached?.[1] ?? basename(forward).replace(/\.(safetensors|bin|pt|pth|ckpt)$/i, "");
}
