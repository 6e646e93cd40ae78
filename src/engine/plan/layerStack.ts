/** Which layer a tensor belongs to, by the names of all tensors of a checkpoint. */

export interface LayerPlace {
  /** Index of the layer, or which side of the layers the tensor stands on. */
  layer: number | "before" | "after";
  /** Layers in the stack that the tensor is part of. */
  layers: number;
  /** Whether that is the checkpoint's largest stack: of a model with several, the one that slices speak of. */
  main: boolean;
}

/**
 * Outside of the layers, what stands behind them: final norms and heads. mergekit has a list for each architecture
 * that it knows, with these names; there they take the last value of a gradient, and everything else the first.
 */
const AFTER =
  /^(norm|norm_f|ln_f|final_norm|final_layer_?norm|lm_head|head|embed_out|output|output_layer|score|classifier|pre_classifier|pooler|cls|qa_outputs|vocab_\w+)$/;

/** Each tensor's place. A layer is the first number in a dotted name, its stack what stands before that. */
export function layerPlaces(names: Iterable<string>): Map<string, LayerPlace> {
  const stacks = new Map<string, { layers: number; tensors: number }>();
  const found = [...names].map((name) => ({ name, ...layerOf(name) }));
  for (const { stack, layer } of found) {
    if (layer === null) continue;
    const { layers, tensors } = stacks.get(stack) ?? { layers: 0, tensors: 0 };
    stacks.set(stack, { layers: Math.max(layers, layer + 1), tensors: tensors + 1 });
  }
  const [main] = [...stacks].sort(([, a], [, b]) => b.tensors - a.tensors);
  const placeOf = ({ name, stack, layer }: (typeof found)[number]): LayerPlace => {
    if (layer !== null) return { layer, layers: stacks.get(stack)?.layers ?? 0, main: stack === main?.[0] };
    const isAfter = name.split(".").some((part) => AFTER.test(part));
    return { layer: isAfter ? "after" : "before", layers: main?.[1].layers ?? 0, main: true };
  };
  return new Map(found.map((tensor) => [tensor.name, placeOf(tensor)]));
}

/** Layers of the largest stack; 0 where no name has a number. */
export function layerCount(names: Iterable<string>): number {
  for (const { main, layers } of layerPlaces(names).values()) if (main) return layers;
  return 0;
}

function layerOf(name: string): { stack: string; layer: number | null } {
  const parts = name.split(".");
  const at = parts.findIndex((part, index) => index > 0 && index < parts.length - 1 && /^\d{1,6}$/.test(part));
  return at < 0 ? { stack: "", layer: null } : { stack: parts.slice(0, at).join("."), layer: Number(parts[at]) };
}
