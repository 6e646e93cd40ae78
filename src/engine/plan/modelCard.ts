/** The model card (README.md) of a merged model. The same merge gives the same card: no dates, nothing of the machine. */
import { stringify } from "yaml";
import {
  type FloatDtype,
  type MergeSet,
  type Setting,
  keepsShare,
  takesWeights,
  usesTaskVectors,
} from "../../protocol/mergeSet";
import type { Factoring } from "../../protocol/engineApi";
import { errorText, worstFactored } from "./factoring";
import { RECIPE_DTYPES } from "./floatDtypeName";
import { hubIdOf, looksLikeHubId } from "./hubId";
import { checkpointName } from "./modelNames";
import { ADAPTER_JOINT } from "./modelReference";
import { settingText } from "./parameterSetting";
import { resolvedRecipe, slicesOf } from "./resolvedRecipe";

export interface ModelCardFacts {
  set: MergeSet;
  /** Version of this program. */
  version: string;
  tensors: number;
  parameters: number;
  /** Dtype of the floating tensors in the output; null where it is that of each tensor in the base. */
  outDtype: FloatDtype | null;
  /** Entries that took the base's value because an input had NaN or ±Inf there. */
  nonFinite: number;
  /** Those of them that are NaN or ±Inf in the base itself, and stay so. */
  baseNonFinite?: number;
  /** Of merged adapters, the model that they were trained on, as they name it; null where models were merged. */
  adapterOf: string | null;
  /** What was done about checkpoints that are not quite alike, in a sentence each. */
  notes: readonly string[];
  /** Of adapters that were merged by what they change; else null. */
  factoring?: Factoring | null;
}

const METHOD_TITLES: Readonly<Record<MergeSet["method"], string>> = {
  ties: "[TIES](https://arxiv.org/abs/2306.01708)",
  linear: "weighted averaging",
  task_arithmetic: "[task arithmetic](https://arxiv.org/abs/2212.04089)",
  dare_ties: "[DARE](https://arxiv.org/abs/2311.03099) and [TIES](https://arxiv.org/abs/2306.01708)",
  dare_linear: "[DARE](https://arxiv.org/abs/2311.03099) and task arithmetic",
  breadcrumbs: "[Model Breadcrumbs](https://arxiv.org/abs/2312.06795)",
  breadcrumbs_ties:
    "[Model Breadcrumbs](https://arxiv.org/abs/2312.06795) and [TIES](https://arxiv.org/abs/2306.01708)",
  magnitude_prune: "magnitude pruning and task arithmetic",
  cat: "concatenation of their ranks",
  fisher: "[Fisher merging](https://arxiv.org/abs/2111.09832)",
  regmean: "[RegMean](https://arxiv.org/abs/2212.09849)",
  della: "[DELLA](https://arxiv.org/abs/2406.11617) and [TIES](https://arxiv.org/abs/2306.01708)",
  della_linear: "[DELLA](https://arxiv.org/abs/2406.11617) and task arithmetic",
  slerp: "spherical linear interpolation (SLERP)",
  model_stock: "[Model Stock](https://arxiv.org/abs/2403.19522)",
  sce: "[SCE](https://arxiv.org/abs/2408.07990)",
};

const TIES_CITATION = `@inproceedings{yadav2023ties,
  title     = {{TIES-Merging}: Resolving Interference When Merging Models},
  author    = {Yadav, Prateek and Tam, Derek and Choshen, Leshem and Raffel, Colin and Bansal, Mohit},
  booktitle = {Advances in Neural Information Processing Systems},
  year      = {2023},
  note      = {arXiv:2306.01708}
}`;

const DARE_CITATION = `@inproceedings{yu2024language,
  title     = {Language Models are Super {Mario}: Absorbing Abilities from Homologous Models as a Free Lunch},
  author    = {Yu, Le and Yu, Bowen and Yu, Haiyang and Huang, Fei and Li, Yongbin},
  booktitle = {International Conference on Machine Learning},
  year      = {2024},
  note      = {arXiv:2311.03099}
}`;

const DELLA_CITATION = `@article{deep2024della,
  title     = {{DELLA-Merging}: Reducing Interference in Model Merging through Magnitude-Based Sampling},
  author    = {Deep, Pala Tej and Bhardwaj, Rishabh and Poria, Soujanya},
  journal   = {arXiv preprint arXiv:2406.11617},
  year      = {2024}
}`;

const BREADCRUMBS_CITATION = `@inproceedings{davari2024breadcrumbs,
  title     = {Model {Breadcrumbs}: Scaling Multi-Task Model Merging with Sparse Masks},
  author    = {Davari, MohammadReza and Belilovsky, Eugene},
  booktitle = {European Conference on Computer Vision},
  year      = {2024},
  note      = {arXiv:2312.06795}
}`;

const CITATIONS: Readonly<Partial<Record<MergeSet["method"], string>>> = {
  ties: TIES_CITATION,
  dare_ties: `${DARE_CITATION}\n\n${TIES_CITATION}`,
  dare_linear: DARE_CITATION,
  della: `${DELLA_CITATION}\n\n${TIES_CITATION}`,
  della_linear: DELLA_CITATION,
  breadcrumbs: BREADCRUMBS_CITATION,
  breadcrumbs_ties: `${BREADCRUMBS_CITATION}\n\n${TIES_CITATION}`,
  fisher: `@inproceedings{matena2022merging,
  title     = {Merging Models with {Fisher}-Weighted Averaging},
  author    = {Matena, Michael S. and Raffel, Colin A.},
  booktitle = {Advances in Neural Information Processing Systems},
  year      = {2022},
  note      = {arXiv:2111.09832}
}`,
  regmean: `@inproceedings{jin2023dataless,
  title     = {Dataless Knowledge Fusion by Merging Weights of Language Models},
  author    = {Jin, Xisen and Ren, Xiang and Preotiuc-Pietro, Daniel and Cheng, Pengxiang},
  booktitle = {International Conference on Learning Representations},
  year      = {2023},
  note      = {arXiv:2212.09849}
}`,
  model_stock: `@inproceedings{jang2024model,
  title     = {Model Stock: All We Need Is Just a Few Fine-Tuned Models},
  author    = {Jang, Dong-Hwan and Yun, Sangdoo and Han, Dongyoon},
  booktitle = {European Conference on Computer Vision},
  year      = {2024},
  note      = {arXiv:2403.19522}
}`,
  sce: `@article{wan2024fusechat,
  title     = {{FuseChat}: Knowledge Fusion of Chat Models},
  author    = {Wan, Fanqi and Zhong, Longguang and Yang, Ziyi and Chen, Ruijun and Quan, Xiaojun},
  journal   = {arXiv preprint arXiv:2408.07990},
  year      = {2024}
}`,
};

export function modelCard(facts: ModelCardFacts): string {
  const { set } = facts;
  const citation = CITATIONS[set.method];
  const sections = [
    frontMatter(facts),
    `# ${set.models.map(({ name }) => escaped(name)).join(" + ")}`,
    introduction(facts),
    section("Models", modelTable(set)),
    section("Parameters", parameterTable(set)),
    ...(facts.notes.length > 0 ? [section("Notes", facts.notes.map((note) => `- ${escaped(note)}.`).join("\n"))] : []),
    ...(facts.factoring ? [section("Rank", factoringText(facts.factoring))] : []),
    section(
      "Recipe",
      `\`\`\`yaml\n${stringify(namedRecipe(set), { lineWidth: 0 })}\`\`\`\n\nPaths are in \`ties_recipe.yml\`.`,
    ),
    ...(citation === undefined ? [] : [section("Citation", `\`\`\`bibtex\n${citation}\n\`\`\``)]),
  ];
  return `${sections.join("\n\n")}\n`;
}

function frontMatter({ set, adapterOf }: ModelCardFacts): string {
  const paths = [...(set.base === null ? [] : [set.base]), ...set.models.map(({ path }) => path)];
  const named = adapterOf !== null && looksLikeHubId(adapterOf) ? [adapterOf] : [];
  const ids =
    adapterOf === null
      ? [...new Set(paths.flatMap((path) => path.split(ADAPTER_JOINT)).flatMap((path) => hubIdOf(path) ?? []))]
      : named;
  const data = {
    ...(ids.length > 0 ? { base_model: ids } : {}),
    library_name: adapterOf === null ? "transformers" : "peft",
    tags: ["merge", "ties-merge"],
  };
  return `---\n${stringify(data, { lineWidth: 0 })}---`;
}

function introduction(facts: ModelCardFacts): string {
  const { set, version, tensors, parameters, outDtype, adapterOf } = facts;
  const what = adapterOf === null ? "model" : "adapter";
  const [count, plural] = [set.models.length, set.models.length === 1 ? what : `${what}s`];
  const base = set.base === null || !usesTaskVectors(set.method) ? "" : ` over the base ${code(shownName(set.base))}`;
  const dtype =
    outDtype === null
      ? `in the dtypes of the ${adapterOf === null ? "base" : "first one"}`
      : `in ${RECIPE_DTYPES[outDtype]}`;
  return (
    `A merge of ${count} ${plural}${base} with ${METHOD_TITLES[set.method]}, made by ties-merge ${version}: ` +
    `${counted(tensors, "tensor", "tensors")}, ${counted(parameters, "parameter", "parameters")}, ${dtype}.` +
    nonFiniteText(facts)
  );
}

function nonFiniteText({ nonFinite, baseNonFinite = 0 }: ModelCardFacts): string {
  const taken = nonFinite - baseNonFinite;
  return (
    (taken > 0
      ? ` Where an input was not finite, ${counted(taken, "entry took", "entries took")} the base's value.`
      : "") +
    (baseNonFinite > 0 ? ` ${counted(baseNonFinite, "entry is", "entries are")} not finite, as in the base.` : "")
  );
}

const counted = (count: number, one: string, several: string): string =>
  `${grouped(count)} ${count === 1 ? one : several}`;

/** Tensors of which the card tells the error. */
const MAX_FACTORED_ROWS = 10;

function factoringText(factoring: Factoring): string {
  const rows = worstFactored(factoring, MAX_FACTORED_ROWS).map(({ name, error }) => [code(name), errorText(error)]);
  return (
    `The changes ΔW = scaling·B·A were merged and factored back to rank ${factoring.rank} by truncated SVD. ` +
    `Relative error ‖ΔW − B·A‖ / ‖ΔW‖ over all tensors: ${errorText(factoring.error)}; the largest ones:\n\n` +
    table(["tensor", "relative error"], rows)
  );
}

function modelTable(set: MergeSet): string {
  const keeps = keepsShare(set.method) && set.selectTopk === undefined;
  const isWeighted = takesWeights(set.method);
  const shown = (key: "weight" | "density", t: number): string => {
    return [...new Set(slicesOf(set).map(({ models }) => settingText(models[t][key])))].join("; ");
  };
  const rows = set.models.map(({ name, path }, t) => [
    code(nameOfModel(path, name)),
    ...(isWeighted ? [shown("weight", t)] : []),
    ...(keeps ? [shown("density", t)] : []),
  ]);
  return table(["model", ...(isWeighted ? ["weight"] : []), ...(keeps ? ["density"] : [])], rows);
}

function parameterTable(set: MergeSet): string {
  const recipe = resolvedRecipe(set);
  const parameters = Object.entries(recipe.parameters as Record<string, unknown>);
  const shown = parameters.filter(([, value]) => !Array.isArray(value) || value.length > 0);
  const rows = [["merge_method", set.method], ...shown.map(([key, value]) => [key, shownValue(value)])];
  return table(
    ["parameter", "value"],
    rows.map(([key = "", value = ""]) => [code(key), value]),
  );
}

/** The resolved recipe with names in place of paths: what a reader elsewhere can use. */
function namedRecipe(set: MergeSet): Record<string, unknown> {
  return resolvedRecipe({
    ...set,
    base: set.base === null ? null : shownName(set.base),
    models: set.models.map(({ fisher, gram, ...model }) => ({
      ...model,
      path: nameOfModel(model.path, model.name),
      ...(fisher === undefined ? {} : { fisher: fileName(fisher) }),
      ...(gram === undefined ? {} : { gram: fileName(gram) }),
    })),
  });
}

const fileName = (path: string): string => path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);

const shownName = (path: string): string =>
  path
    .split(ADAPTER_JOINT)
    .map((part) => hubIdOf(part) ?? checkpointName(part))
    .join("+");

const nameOfModel = (path: string, name: string): string =>
  ADAPTER_JOINT.test(path) ? shownName(path) : (hubIdOf(path) ?? name);

function shownValue(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  return value.every((entry) => typeof entry === "string") ? value.map(code).join(", ") : settingText(value as Setting);
}
const section = (title: string, body: string): string => `## ${title}\n\n${body}`;
const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ",");

/** Inline code that may itself hold backticks; a `|` would end a table's cell. */
function code(text: string): string {
  const oneLine = text.replace(/[\r\n]+/g, " ").replaceAll("|", "\\|");
  return oneLine.includes("`") ? `\`\` ${oneLine} \`\`` : `\`${oneLine}\``;
}

/** Names out of checkpoints are no Markdown, nor HTML. */
const escaped = (text: string): string => text.replace(/[\r\n]+/g, " ").replace(/[\\`*_[\]<>&|]/g, "\\$&");

const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
