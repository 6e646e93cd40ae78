/** The jobs of dense linear algebra, each with kernels of its own that are there when they are needed. */
import type { KernelChoice } from "../engine/kernels/chooseKernels";
import type { FactorJob, RegmeanJob, StretchResult } from "./computeApi";
import { FactorSteps } from "./factorSteps";
import type { FileCache } from "./fileCache";
import { RegmeanSteps } from "./regmeanSteps";

export class MatrixJobs {
  private regmeanSteps: RegmeanSteps | null = null;
  private factorSteps: FactorSteps | null = null;

  constructor(
    private readonly files: FileCache,
    private readonly choice: KernelChoice,
  ) {}

  regmean(job: RegmeanJob): StretchResult | null {
    this.regmeanSteps ??= new RegmeanSteps(this.files, this.choice);
    return this.regmeanSteps.run(job);
  }

  factor(job: FactorJob): [StretchResult, StretchResult] {
    this.factorSteps ??= new FactorSteps(this.files, this.choice);
    return this.factorSteps.run(job);
  }

  /** Gives the kernels' memory back, which grew with the matrices. */
  release(): void {
    this.regmeanSteps = null;
    this.factorSteps = null;
  }
}
