/** A picture that a page has sent is looked at before anything is written: it is what its format says, and no more. */
import { MergeError } from "../../protocol/errors";
import type { PictureFile } from "../../protocol/inspector";

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Elements that only draw. */
const DRAWING = new Set(
  "svg title desc g defs rect circle ellipse line polyline polygon path text tspan image clipPath linearGradient stop pattern".split(
    " ",
  ),
);
/** What would run, or load something, in the tag of an element; pictures within it stand in it. */
const ACTIVE = /\son\w+\s*=|href\s*=\s*(?!"data:image\/png;base64,[\w+/=]*")|url\((?!#)|@import/i;

/** The file's bytes or text. Throws `picture-invalid`. */
export function pictureContent({ name, format, content }: PictureFile): Uint8Array | [string] {
  const invalid = (): MergeError => new MergeError("picture-invalid", { where: `${name}.${format}` });
  if (format === "png") {
    if (typeof content === "string" || PNG_SIGNATURE.some((byte, at) => content[at] !== byte)) throw invalid();
    return content;
  }
  if (typeof content !== "string") throw invalid();
  const isSvg = content.startsWith("<svg ") && content.trimEnd().endsWith("</svg>");
  if (!isSvg || !tagsOf(content).every(onlyDraws)) throw invalid();
  return [content];
}

/** Between two of them stands text. */
const tagsOf = (svg: string): string[] => svg.match(/<[^>]*>?/g) ?? [];

function onlyDraws(tag: string): boolean {
  const name = /^<\/?([A-Za-z]+)[\s/>]/.exec(tag)?.[1];
  return name !== undefined && DRAWING.has(name) && tag.endsWith(">") && !ACTIVE.test(tag);
}

/** A name that every file system takes, from what the page proposes: names of tensors may hold anything. */
export function fileStem(name: string): string {
  const stem = name.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[.-]+|[.-]+$/g, "");
  return stem.slice(0, 120) || "picture";
}
