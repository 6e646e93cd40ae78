/** What the words of a report mean, for somebody who does not know the paper. */
import { t } from "./translate";

export const glossary = (): { word: string; meaning: string }[] => [
  {
    word: t("Task vector τ"),
    meaning: t("What fine-tuning changed: the parameters of a model minus those of the base that it was tuned from."),
  },
  {
    word: t("Trim, density"),
    meaning: t(
      "Of each task vector only the entries with the largest magnitudes are kept, the share “density” of them. The others are set to 0.",
    ),
  },
  {
    word: t("Elected sign γ"),
    meaning: t("For each parameter the sign, + or −, with the larger total magnitude over all models that keep it."),
  },
  {
    word: t("Merged task vector τ_m"),
    meaning: t(
      "For each parameter the mean of the kept entries that have the elected sign. The merged model is the base + λ·τ_m.",
    ),
  },
  {
    word: t("Conflict"),
    meaning: t(
      "Share of the parameters that two or more models keep with opposite signs: they pull against each other.",
    ),
  },
  {
    word: t("Agreement"),
    meaning: t("How far the models that keep a parameter have one sign, on average: 1 is all of them, 0 half of them."),
  },
  {
    word: t("Lost mass"),
    meaning: t(
      "Share of what a model kept, by magnitude, that has not the elected sign and so is left out of the merge.",
    ),
  },
  {
    word: t("‖τ_m‖ ÷ ‖average‖"),
    meaning: t(
      "The length of the merged task vector beside that of the plain average of all task vectors, in which opposite signs cancel.",
    ),
  },
  {
    word: t("Exact, sampled"),
    meaning: t(
      "Exact figures count all parameters, as in this report. Sampled ones, marked ≈, are estimated from some.",
    ),
  },
];
