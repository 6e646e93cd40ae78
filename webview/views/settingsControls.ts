/** The settings of the merge set that can be changed: method and preset, density, λ and the rules of TIES. */
import type { TemplateResult } from "lit";
import { html, nothing } from "lit";
import type { Compat, Method, TiesRules } from "../../src/protocol/mergeSet";
import { COMPATS, DEFAULT_DENSITY, isPictured, PRESETS, usesTaskVectors } from "../../src/protocol/mergeSet";
import type { InspectorSettings } from "../../src/protocol/settings";
import { methodName } from "../text/methodName";
import { formatSetting } from "../text/numbers";
import { t } from "../text/translate";
import { select, slider } from "../ui/controls";

export interface SettingsControlsOptions {
  settings: InspectorSettings;
  /** With which the set was opened: what needs statistics of the models can be chosen only where they were named. */
  openedMethod: Method;
  /** Values differ by layer: nothing can be said, or changed, of all layers at once. */
  byLayer: boolean;
  onChange: (settings: InspectorSettings) => void;
}

const MAX_LAMBDA = 2;

/** One field a setting, as items of a description list. */
export function settingsControls(options: SettingsControlsOptions): TemplateResult {
  const { settings, byLayer, onChange } = options;
  const { method, rules, lambda } = settings;
  const rule = <Name extends keyof TiesRules>(name: Name, value: TiesRules[Name]): void =>
    onChange({ ...settings, rules: { ...rules, [name]: value } });
  return html`
    ${field(t("Method"), methodSelect(options))} ${method === "ties" ? densityField(options) : nothing}
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
  `;
}

export function field(label: TemplateResult | string, content: TemplateResult): TemplateResult {
  return html`<div class="field">
    <dt>${label}</dt>
    <dd>${content}</dd>
  </div>`;
}

type MethodChoice = `ties ${Compat}` | Exclude<Method, "ties">;

/** TIES by the rules of a preset, or a method beside it. `changed`: no preset has these rules. */
function methodSelect({ settings, openedMethod, byLayer, onChange }: SettingsControlsOptions): TemplateResult {
  const { method, compat, rules } = settings;
  const isPreset = JSON.stringify(rules) === JSON.stringify(PRESETS[compat]);
  const value: MethodChoice = method === "ties" ? `ties ${compat}` : method;
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
      {
        label: "",
        options: [
          { value: "task_arithmetic", label: t("Task arithmetic") },
          { value: "linear", label: t("Averaging") },
          ...(openedMethod !== "ties" && !isPictured(openedMethod)
            ? [{ value: openedMethod, label: methodName({ method: openedMethod }) }]
            : []),
        ],
      },
    ],
    onChange: (chosen) => onChange(withMethod(settings, chosen)),
  });
}

function withMethod(settings: InspectorSettings, chosen: MethodChoice): InspectorSettings {
  const [method, preset] = chosen.split(" ") as [Method, Compat | undefined];
  if (method !== "ties") return { ...settings, method, normalize: method === "linear" };
  const compat = preset ?? settings.compat;
  // A method that does not trim has said nothing about the density.
  const models =
    settings.method === "ties"
      ? settings.models
      : settings.models.map((model) => ({ ...model, density: DEFAULT_DENSITY[compat] }));
  return { ...settings, method, compat, rules: { ...PRESETS[compat] }, models };
}

function densityField({ settings, byLayer, onChange }: SettingsControlsOptions): TemplateResult {
  const on = settings.models.filter((model) => model.on);
  const [first = settings.models[0]] = on;
  const density = first?.density ?? 0;
  const differ = on.some((model) => model.density !== density);
  const now = byLayer ? t("by layer") : differ ? t("by model") : formatSetting(density);
  return field(
    html`${t("Density")} <b class="now number">${now}</b>`,
    slider({
      label: t("Density"),
      value: density,
      min: 0,
      max: 1,
      step: 0.01,
      valueText: now,
      disabled: byLayer,
      onInput: (value) =>
        onChange({ ...settings, models: settings.models.map((model) => ({ ...model, density: value })) }),
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
