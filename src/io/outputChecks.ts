/** What must hold of an output's place before anything is written there. Looks only, changes nothing. */
import { accessSync, constants, lstatSync, readdirSync, realpathSync } from "node:fs";
import type { Stats } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { MergeError } from "../protocol/errors";
import { onFile, systemCode } from "./fileErrors";
import { asideOf, partialFolderOf } from "./partialFolder";

export interface OutputPlace {
  /** A folder, or one bare file when it ends in `.safetensors`. */
  out: string;
  overwrite: boolean;
  /** Files and folders that are read. */
  inputs: readonly string[];
}

/** Whether the output is one bare file. */
export const isBareFile = (out: string): boolean => out.endsWith(".safetensors");

/**
 * All checks. Throws `output-bad-name`, `output-is-input`, `output-exists`, `output-foreign`, `output-has-folders`, and
 * what the file system would refuse.
 */
export function checkOutputPlace(place: OutputPlace): void {
  checkApartFromInputs(place);
  checkFree(place);
  checkMayWrite(resolve(place.out));
}

/** Where the output will grow a folder can be made, or the one that is there can be written in. */
function checkMayWrite(out: string): void {
  const partial = partialFolderOf(out);
  let folder = partial;
  let stats = statOfName(partial);
  if (stats && !stats.isDirectory()) throw new MergeError("output-foreign", { where: partial });
  while (!stats && folder !== dirname(folder)) stats = statOfName((folder = dirname(folder)));
  onFile(folder, () => accessSync(folder, constants.W_OK | constants.X_OK));
}

/** The output is none of the inputs, lies in none of them and holds none of them: not by name, not through links. */
export function checkApartFromInputs({ out, inputs }: OutputPlace): void {
  const target = resolve(out);
  if (basename(target) === "") throw new MergeError("output-bad-name", { where: out });
  // The places that a transaction removes or replaces on its way.
  const targets = [target, partialFolderOf(target), asideOf(target)].map(realPathOfNew);
  for (const input of inputs) {
    // The name as well as what it links to: a folder of links is lost when the folder is.
    const paths = [realPathOfNew(resolve(input)), realPath(input)];
    if (targets.some((real) => paths.some((path) => holds(real, path) || holds(path, real)))) {
      throw new MergeError("output-is-input", { where: out, input });
    }
  }
}

/** Nothing is at the output's name but an empty folder or, with `overwrite`, something that may be replaced. */
export function checkFree({ out, overwrite }: OutputPlace): void {
  const stats = statOfName(out);
  if (!stats || (!isBareFile(out) && isEmptyFolder(out, stats))) return;
  if (!overwrite) throw new MergeError("output-exists", { where: out });
  const isFolder = stats.isDirectory() || (stats.isSymbolicLink() && listable(out));
  const isReplaceableKind = isBareFile(out) ? stats.isFile() || (stats.isSymbolicLink() && !isFolder) : isFolder;
  if (!isReplaceableKind) throw new MergeError("output-foreign", { where: out });
  if (isFolder) checkReplaceable(out);
}

/** What is at the name itself, a link not followed. */
export function statOfName(path: string): Stats | undefined {
  return onFile(path, () => lstatSync(path, { throwIfNoEntry: false }));
}

export function isEmptyFolder(path: string, stats: Stats): boolean {
  return stats.isDirectory() && onFile(path, () => readdirSync(path)).length === 0;
}

/** Only the folder of a model is ever removed, and only one without folders in it, which no model written here has. */
function checkReplaceable(folder: string): void {
  const entries = onFile(folder, () => readdirSync(folder, { withFileTypes: true }));
  const inner = entries.find((entry) => entry.isDirectory());
  if (inner) throw new MergeError("output-has-folders", { where: folder, folder: inner.name });
  if (!entries.some(({ name }) => name.endsWith(".safetensors") || name === "ties_recipe.yml")) {
    throw new MergeError("output-foreign", { where: folder });
  }
}

function listable(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Whether `path` is `folder` or lies in it. */
function holds(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** The path with the links of its folders resolved, but not its own last part, which need not exist. */
function realPathOfNew(path: string): string {
  return path === dirname(path) ? path : join(realPath(dirname(path)), basename(path));
}

/** The path with every link resolved, as far as it exists. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    if (!["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "") || path === dirname(path)) throw error;
    return join(realPath(dirname(path)), basename(path));
  }
}
