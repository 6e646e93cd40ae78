/**
 * Sets style properties of an element through its style object. lit's styleMap writes a style attribute on the
 * first render, which the panel's content security policy forbids.
 */
import type { ElementPart } from "lit";
import { nothing } from "lit";
import type { PartInfo } from "lit/directive.js";
import { Directive, directive, PartType } from "lit/directive.js";

class SetStyle extends Directive {
  /** Of the element that it stands in: nobody else sets them, and to ask the element takes longer. */
  private readonly set = new Map<string, string>();

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error("setStyle stands inside a tag");
  }

  override render(_properties: Readonly<Record<string, string>>): typeof nothing {
    return nothing;
  }

  override update(part: ElementPart, [properties]: [Readonly<Record<string, string>>]): typeof nothing {
    const { style } = part.element as HTMLElement;
    for (const name of this.set.keys()) {
      if (name in properties) continue;
      this.set.delete(name);
      style.removeProperty(name);
    }
    for (const [name, value] of Object.entries(properties)) {
      if (this.set.get(name) === value) continue;
      this.set.set(name, value);
      style.setProperty(name, value);
    }
    return nothing;
  }
}

export const setStyle = directive(SetStyle);
