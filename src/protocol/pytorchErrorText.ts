/** The part of errorText.ts that is about PyTorch checkpoints. */
export const PYTORCH_ERROR_TEXT = {
  "pytorch-unknown": {
    what: "This is not a checkpoint that PyTorch has written",
    todo: "Check what the file is. A file of another format needs that format's extension, such as .safetensors.",
  },
  "pytorch-damaged": {
    what: "The PyTorch checkpoint is damaged: {message}",
    todo: "Get it again, or write it again with torch.save.",
  },
  "pytorch-forbidden-global": {
    what: "The checkpoint names {global}, which is none of the tensors and plain values that are read; nothing of it was run",
    todo: "If you trust the file, load it in Python and save the weights alone: torch.save(model.state_dict(), …).",
  },
  "pytorch-pickle-limit": {
    what: "The checkpoint's pickle needs more than the {limit} bytes that are allowed",
    todo: "Save the weights alone: torch.save(model.state_dict(), …), or in shards.",
  },
  "pytorch-tar": {
    what: "This is a checkpoint in the tar format of PyTorch 0.1, which is not read",
    todo: "Load it in Python with torch.load and write it again with torch.save.",
  },
  "pytorch-torchscript": {
    what: "This is a TorchScript program, not a checkpoint of weights",
    todo: "Save the weights alone in Python: torch.save(torch.jit.load(path).state_dict(), …).",
  },
  "pytorch-big-endian": {
    what: "The checkpoint was written on a big-endian machine",
    todo: "Load it in Python with torch.load and write it again on a little-endian machine.",
  },
  "pytorch-compressed": {
    what: "The entry {entry} of the checkpoint is compressed or encrypted, so that its weights cannot be read in ranges",
    todo: "Write it again with torch.save, which stores its entries as they are.",
  },
  "pytorch-tensor-kind": {
    what: "The tensor is a {kind} one, for which safetensors has no form",
    todo: "Save it as a plain tensor (dequantize, to_dense, resolve_conj, to a real device), or leave it out.",
  },
  "pytorch-no-state-dict": {
    what: "The checkpoint holds no state dict, a dict from names to tensors. Its entries: {entries}",
    todo: "Save the weights alone: torch.save(model.state_dict(), …).",
  },
  "pytorch-several-state-dicts": {
    what: "The checkpoint holds tensors in several places, and nothing says which is meant: {entries}",
    todo: "Save the one that you want to merge alone: torch.save(checkpoint[NAME], …).",
  },
};
