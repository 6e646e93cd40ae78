/**
 * The kernels of assembly/: BF16, F16 and F32 in float32 arithmetic, up to MAX_MODELS models, bit for bit what the
 * plain ones give. What is rare goes to the plain ones, chunk by chunk: float64, inputs that are not finite, and
 * chunks whose merge ends in an error that names an index.
 */
import type { FloatDtype, Method } from "../../protocol/mergeSet";
import { RADIX, type RadixDigit } from "../merge/select";
import { divisorOf } from "../merge/tiesSteps";
import { sumOfWeights } from "../merge/weightedSum";
import { TallyLayout, type Tally } from "../stats/tally";
import { COPIES, COPY_BYTES, HISTOGRAM_BYTES, HISTOGRAMS, MAX_MODELS, OUTPUT, TALLY } from "./assembly/memory";
import { BF16_ID, F16_ID, F32_ID } from "./assembly/dtypes";
import { BYTES_OF } from "./chunkReader";
import type { ChunkOutcome, Kernels, MergeParameters, RawOutput, TiesChunkRules } from "./kernels";
import { PlainKernels } from "./plain";
import type { NonFinite, NonFinitePolicy, RawChunk, RawInput } from "./rawChunk";
import type { SimdModule } from "./simdModule";
import { trimLimits } from "./trimLimits";

const DTYPES: Readonly<Partial<Record<FloatDtype, number>>> = { BF16: BF16_ID, F16: F16_ID, F32: F32_ID };
/** As assembly/rules.ts numbers them. */
const METHODS: Readonly<Record<Method, number>> = { ties: 0, linear: 1, task_arithmetic: 2 };
