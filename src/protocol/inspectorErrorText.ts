/** Words for what an inspector, or a report that stands for itself, cannot show or do. */
export const INSPECTOR_ERROR_TEXT = {
  "input-changed": {
    what: "The file was changed or removed since the set was opened",
    todo: "Reload the set in the inspector to see what its files hold now.",
  },
  "editor-needed": {
    what: "A report in a file cannot do this",
    todo: "Open the models in the inspector of the editor.",
  },
  "pictures-not-in-report": {
    what: "The pictures of this tensor are not in this report, whose size is limited",
    todo: "Open the models in the inspector, or write a report of fewer tensors with --include.",
  },
  "parameter-not-in-report": {
    what: "This parameter's values are not in this report, which holds a block of single parameters for some tensors",
    todo: "Open the models in the inspector to read any parameter.",
  },
  "report-damaged": {
    what: "A part of this report is damaged or missing",
    todo: "Get the file again, or write it anew.",
  },
  "picture-invalid": {
    what: "What was to be saved is no picture of this format",
    todo: "Try again; if it stays, please report it with the log.",
  },
  "tensor-missing": {
    what: "{model} has no tensor of this name",
    todo: "Check that the model is complete and comes from this base.",
  },
  "tensor-not-in-base": {
    what: "{model} has a tensor that the base has not",
    todo: "Check that the model comes from this base.",
  },
  "tensor-shape-differs": {
    what: "{model} has this tensor as {theirs}, the base as {ours}",
    todo: "Check that the model comes from this base.",
  },
  "tensor-dtype-differs": {
    what: "{model} has this tensor as {theirs}, the base as {ours}, which cannot be compared",
    todo: "Convert the tensor to the base's dtype.",
  },
} as const;
