/** The settings of the merge set that can be changed: method and preset, density, λ and the rules of TIES. */
import type { TemplateResult } from "lit";
import { html, nothing } from "lit";
import { live } from "lit/directives/live.js";
import type { TiesRules } from "../../src/protocol/mergeSet";
import {
  COMPATS,
  MAX_SEED,
  PRESETS,
  dropsOutliers,
  keepsRandom,
  keepsShare,
  keepsVaried,
  ranksEntries,
  takesElectionRules,
  usesTaskVectors,
} from "../../src/protocol/mergeSet";
import type { InspectorSettings } from "../../src/protocol/settings";
import type { ShownSet } from "../state/inspectorState";
import { largestEpsilon, takenDensity } from "../text/densityWindow";
import { methodName } from "../text/methodName";
import { formatSetting } from "../text/numbers";
import { t } from "../text/translate";
import { select, slider } from "../ui/controls";
import { MASKED, ownMethods, UNMASKED, withMethod, type MethodChoice, type OtherMethod } from "../state/chosenMethod";
import { field } from "./settingField";

export interface SettingsControlsOptions {
  settings: InspectorSettings;
  /** As it was opened: a method that needs more than the inspector's settings can be chosen only where that is said. */
  opened: ShownSet;
  /** Values differ by layer: nothing can be said, or changed, of all layers at once. */
  byLayer: boolean;
  onChange: (settings: InspectorSettings) => void;
}

const MAX_LAMBDA = 2;
const MAX_GAMMA = 0.2;

/** One field a setting, as items of a description list. */
export function settingsControls(options: SettingsControlsOptions): TemplateResult {
  const { settings, opened, byLayer, onChange } = options;
  const { method, rules, lambda } = settings;
  const rule = <Name extends keyof TiesRules>(name: Name, value: TiesRules[Name]): void =>
    onChange({ ...settings, rules: { ...rules, [name]: value } });
  return html`
    ${field(t("Method"), methodSelect(options))} ${keepsShare(method) ? densityField(options) : nothing}
    ${ranksEntries(method) ? epsilonField(options) : nothing}
    ${
      !usesTaskVectors(method)
        ? nothing
        : field(
            byLayer
              ? html`λ <span class="now muted">${t("by layer")}</span>`
              : html`λ <b class="now number">${formatSetting(lambda)}</b>`,
            slider({
              label: "λ",
              value: lambda,
              min: Math.min(0, lambda),
              max: Math.max(MAX_LAMBDA, lambda),
              step: 0.05,
              disabled: byLayer,
              onInput: (value) => onChange({ ...settings, lambda: value }),
            }),
          )
    }
    ${
      method === "ties"
        ? html`
            ${field(
              t("Trim scope"),
              choice(t("Trim scope"), rules.trimScope, { model: t("model"), tensor: t("tensor") }, byLayer, (value) =>
                rule("trimScope", value),
              ),
            )}
            ${field(
              t("Equal magnitudes"),
              choice(
                t("Equal magnitudes"),
                rules.trimTies,
                { inclusive: t("keep all"), exact: t("keep n·d") },
                byLayer,
                (value) => rule("trimTies", value),
              ),
            )}
          `
        : nothing
    }
    ${
      takesElectionRules(method)
        ? html`
            ${field(
              t("Sign"),
              choice(
                t("Sign"),
                rules.signConsensus,
                { mass: t("by mass"), frequency: t("by count") },
                byLayer,
                (value) => rule("signConsensus", value),
              ),
            )}
            ${field(
              t("Sum of 0"),
              choice(
                t("Sum of 0"),
                rules.zeroSign,
                { majority: t("majority"), positive: t("positive") },
                byLayer,
                (value) => rule("zeroSign", value),
              ),
            )}
          `
        : nothing
    }
    ${keepsRandom(method) ? seedField(options) : nothing} ${dropsOutliers(method) ? gammaField(options) : nothing}
    ${
      method === "slerp" && opened.t !== undefined
        ? field("t", html`<span class="number">${byLayer ? t("by layer") : formatSetting(opened.t)}</span>`)
        : nothing
    }
  `;
}

function methodSelect({ settings, opened, byLayer, onChange }: SettingsControlsOptions): TemplateResult {
  const { method, compat, rules } = settings;
  const isPreset = JSON.stringify(rules) === JSON.stringify(PRESETS[compat]);
  const value: MethodChoice = method === "ties" ? `ties ${compat}` : method;
  const own = ownMethods(opened.method);
  const named = (of: OtherMethod): { value: OtherMethod; label: string } => ({
    value: of,
    label: methodName({ method: of }),
  });
  return select<MethodChoice>({
    label: t("Method"),
    value,
    disabled: byLayer,
    groups: [
      {
        label: "TIES",
        options: COMPATS.map((preset) => ({
          value: `ties ${preset}` as const,
          label: preset === compat && method === "ties" && !isPreset ? `TIES · ${preset} *` : `TIES · ${preset}`,
        })),
      },
      { label: t("Other masks"), options: [...MASKED, ...own.filter(keepsShare)].map(named) },
      { label: t("No masks"), options: [...UNMASKED, ...own.filter((of) => !keepsShare(of))].map(named) },
    ],
    onChange: (chosen) => onChange(withMethod(settings, chosen, opened)),
  });
}

/** The share that is kept: of SCE the one that it selects. */
function densityField({ settings, byLayer, onChange }: SettingsControlsOptions): TemplateResult {
  const { method, epsilon = 0 } = settings;
  const label = keepsVaried(method) ? "select_topk" : t("Density");
  const on = settings.models.filter((model) => model.on);
  const [first = settings.models[0]] = on;
  const density = first?.density ?? 0;
  const differ = on.some((model) => model.density !== density);
  const now = byLayer ? t("by layer") : differ ? t("by model") : formatSetting(density);
  return field(
    html`${label} <b class="now number">${now}</b>`,
    slider({
      label,
      value: density,
      min: 0,
      max: 1,
      step: 0.01,
      valueText: now,
      disabled: byLayer,
      onInput: (asked) => {
        const value = ranksEntries(method) ? takenDensity(asked, epsilon) : asked;
        onChange({ ...settings, models: settings.models.map((model) => ({ ...model, density: value })) });
      },
    }),
  );
}

function epsilonField({ settings, byLayer, onChange }: SettingsControlsOptions): TemplateResult {
  const { epsilon = 0, models } = settings;
  const most = largestEpsilon(models.map(({ density }) => density));
  return field(
    html`ε <b class="now number">${formatSetting(epsilon)}</b>`,
    slider({
      label: t("ε, how far the probability of an entry is from the density at most"),
      value: epsilon,
      min: 0,
      max: Math.max(epsilon, most),
      step: 0.01,
      disabled: byLayer,
      onInput: (value) => onChange({ ...settings, epsilon: Math.min(value, most) }),
    }),
  );
}

/** Another seed draws other masks of the same density: what changes with it is chance. */
function seedField({ settings, byLayer, onChange }: SettingsControlsOptions): TemplateResult {
  return field(
    t("Seed"),
    html`<input
      type="number"
      min="0"
      step="1"
      aria-label=${t("Seed")}
      .value=${live(String(settings.seed))}
      ?disabled=${byLayer}
      @change=${(event: Event): void => {
        const { valueAsNumber } = event.target as HTMLInputElement;
        if (Number.isInteger(valueAsNumber) && valueAsNumber >= 0 && valueAsNumber <= MAX_SEED)
          onChange({ ...settings, seed: valueAsNumber });
      }}
    />`,
  );
}

function gammaField({ settings, byLayer, onChange }: SettingsControlsOptions): TemplateResult {
  const { gamma } = settings;
  return field(
    html`γ <b class="now number">${formatSetting(gamma)}</b>`,
    slider({
      label: t("γ, the share of the largest entries that is dropped"),
      value: gamma,
      min: 0,
      max: Math.max(MAX_GAMMA, gamma),
      step: 0.005,
      disabled: byLayer,
      onInput: (value) => onChange({ ...settings, gamma: value }),
    }),
  );
}

function choice<Value extends string>(
  label: string,
  value: Value,
  names: Readonly<Record<Value, string>>,
  disabled: boolean,
  onChange: (value: Value) => void,
): TemplateResult {
  const options = (Object.keys(names) as Value[]).map((name) => ({ value: name, label: names[name] }));
  return select<Value>({ label, value, disabled, groups: [{ label: "", options }], onChange });
}
