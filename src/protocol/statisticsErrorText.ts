/** Errors of the statistics that `fisher` and `regmean` work with. */
export const STATISTICS_ERROR_TEXT = {
  "fisher-mismatch": {
    what: "Tensors of the Fisher values that do not match ({count}): {list}",
    todo: "The file needs one tensor for every floating tensor that is merged, of its name and shape; leave the others out with --exclude.",
  },
  "fisher-value": {
    what: "The Fisher values of {model} hold {value} at index {index} {position}",
    todo: "Fisher values are means of squared gradients, 0 or more: compute them again.",
  },
  "gram-mismatch": {
    what: "Gram matrices that do not match ({count}): {list}",
    todo: "A Gram matrix [in, in] stands under the name of a weight [out, in] that is merged, and all models have one or none.",
  },
  "gram-none": {
    what: "There is no Gram matrix for any tensor that is merged",
    todo: "Give files that hold, under a weight's name, the Gram matrix of its inputs; or average with --method linear.",
  },
  "gram-value": {
    what: "The Gram matrix of {model} holds {value} at {position}",
    todo: "A Gram matrix is finite, and nothing on its diagonal is below 0: compute it again as X transposed times X.",
  },
  "gram-not-symmetric": {
    what: "The Gram matrix of {model} is not symmetric: {value} at {position}, {other} on the other side",
    todo: "Compute it again as X transposed times X.",
  },
  "gram-not-positive-definite": {
    what: "The Gram matrices of this layer add up to a matrix that is not positive definite: at input {index} its pivot is {pivot} of {diagonal} on the diagonal (condition {condition})",
    todo: "Compute the matrices on more data, lower alpha, or add a little to their diagonals, as for inputs that are always 0; or leave the tensor out with --exclude.",
  },
} as const;
