/** Files that are often found under the name of a safetensors file; each gets an error that says what it is. */
import { MergeError } from "../../protocol/errors";
import type { ByteSource } from "../io";

/** Enough for every sign below, white space before it included. */
const SNIFFED_BYTES = 64;

/** Throws `header-git-lfs`, `header-web-page`, `header-pytorch` or `header-other-format` when the file begins like one of them. */
export function refuseOtherFormats(source: ByteSource): void {
  const bytes = new Uint8Array(Math.min(SNIFFED_BYTES, source.size));
  source.read(0, bytes);
  const head = String.fromCharCode(...bytes);
  const where = source.name;
  // The header's length of a safetensors file may begin as a pickle does.
  if (/^.{4}\0{4}\{/s.test(head)) return;
  if (head.startsWith("version https://git-lfs")) throw new MergeError("header-git-lfs", { where });
  if (/^(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|head|body|!--)/i.test(head)) {
    throw new MergeError("header-web-page", { where });
  }
  if (head.startsWith("PK\x03\x04") || /^\x80[\x02-\x05]/.test(head)) throw new MergeError("header-pytorch", { where });
  const format = otherFormat(head);
  if (format) throw new MergeError("header-other-format", { where, format });
}

function otherFormat(head: string): string | undefined {
  if (head.startsWith("GGUF")) return "GGUF";
  if (head.startsWith("\x89HDF\r\n")) return "HDF5";
  return undefined;
}
