/** The part of errorText.ts that is about safetensors headers and their indexes. */
export const SAFETENSORS_ERROR_TEXT = {
  "header-too-short": {
    what: "The file has {size} bytes, fewer than the 8 that begin a safetensors file",
    todo: "Download or write the file again.",
  },
  "header-git-lfs": {
    what: "This is a git-lfs pointer: a few lines of text in place of the weights",
    todo: "Fetch the weights with `git lfs pull`, or download the file itself.",
  },
  "header-web-page": {
    what: "This is a web page that was saved in place of the weights",
    todo: "Download the file again; the page may say why it was refused (a login, an agreement to accept).",
  },
  "header-other-format": {
    what: "This is a {format} file, in spite of its name",
    todo: "Convert it to safetensors first.",
  },
  "header-pytorch": {
    what: "This looks like a PyTorch file, in spite of its name",
    todo: "Give it the extension .pt, and it will be read as one.",
  },
  "header-over-limit": {
    what: "The header claims {length} bytes, more than the {limit} that are allowed",
    todo: "The file is damaged or not a safetensors file: get it again.",
  },
  "header-beyond-file": {
    what: "The header claims {length} bytes, but only {available} follow",
    todo: "The file is cut off or not a safetensors file: get it again.",
  },
  "header-not-utf8": { what: "The header is not UTF-8 text", todo: "The file is damaged: get it again." },
  "header-not-object": {
    what: "The header does not begin with a brace",
    todo: "The file is damaged or not a safetensors file: get it again.",
  },
  "header-not-json": { what: "The header is not valid JSON: {message}", todo: "The file is damaged: get it again." },
  "header-duplicate-key": {
    what: "The header has the key “{key}” twice",
    todo: "Do not trust the file; write it again with a tool that you trust.",
  },
  "header-bad-metadata": {
    what: "The header's __metadata__ is not a map of strings",
    todo: "Write the file again with text metadata only.",
  },
  "header-bad-entry": {
    what: "The header's entry is not an object with dtype, shape and data_offsets",
    todo: "The file is damaged: get it again.",
  },
  "header-bad-shape": {
    what: "The shape is not a list of at most {limit} whole numbers from 0 on",
    todo: "The file is damaged: get it again.",
  },
  "header-shape-overflow": {
    what: "The shape has more elements than can be counted",
    todo: "The file is damaged: get it again.",
  },
  "header-bad-offsets": {
    what: "data_offsets is not two whole numbers from 0 on",
    todo: "The file is damaged: get it again.",
  },
  "header-offsets-reversed": {
    what: "The data ends at byte {end}, before it begins at {begin}",
    todo: "The file is damaged: get it again.",
  },
  "header-offsets-range": {
    what: "The data ends at byte {end}, but the file holds only {size}",
    todo: "The file is cut off: get it again.",
  },
  "file-cut-off": {
    what: "The file is cut off: bytes missing at its end: {missing}; tensors lost with them: {lost} of {tensors}",
    todo: "Get it again.",
  },
  "header-wrong-length": {
    what: "The data has {bytes} bytes, but its shape and dtype need {expected}",
    todo: "The file is damaged: get it again.",
  },
  "header-overlap": {
    what: "The data shares bytes with that of “{other}”",
    todo: "Do not trust the file; write it again with a tool that you trust.",
  },
  "header-hole": {
    what: "Bytes before this tensor's data that belong to no tensor: {bytes}",
    todo: "Do not trust the file; write it again with a tool that you trust.",
  },
  "header-trailing-bytes": {
    what: "Bytes at the end that belong to no tensor: {bytes}",
    todo: "Do not trust the file; write it again with a tool that you trust.",
  },
  "index-too-large": {
    what: "The index has {size} bytes, more than the {limit} that are allowed",
    todo: "Check that this is an index; get it again.",
  },
  "index-not-json": { what: "The index is not valid JSON: {message}", todo: "The file is damaged: get it again." },
  "index-duplicate-key": {
    what: "The index has the key “{key}” twice",
    todo: "Do not trust the file; write it again with a tool that you trust.",
  },
  "index-no-weight-map": {
    what: "The index has no weight_map from tensor names to file names",
    todo: "The file is damaged or not an index: get it again.",
  },
  "index-bad-shard-name": {
    what: "The index names the file “{shard}”, which is not a {extension} file of its own folder",
    todo: "Do not trust the file; get the checkpoint again.",
  },
  "index-too-many-shards": {
    what: "{count} shards are more than the {limit} that are allowed",
    todo: "Use larger shards.",
  },
  "index-shard-missing": {
    what: "The index names {shard}, which is not in the folder",
    todo: "Get the missing shard: the download is probably not complete.",
  },
  "index-tensor-missing": {
    what: "The index says that {shard} holds this tensor, but it does not",
    todo: "Get the checkpoint again: index and shards are not of one piece.",
  },
  "index-tensor-unlisted": {
    what: "{shard} holds this tensor, but the index does not say so",
    todo: "Get the checkpoint again: index and shards are not of one piece.",
  },
  "index-tensor-twice": {
    what: "The tensor is in two shards, {first} and {second}",
    todo: "Get the checkpoint again: index and shards are not of one piece.",
  },
};
