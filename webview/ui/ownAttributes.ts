/**
 * Attributes that the component library would overwrite: its elements set their own role and label when they
 * are connected. Here they are set once more, after that.
 */
import type { ElementPart } from "lit";
import { nothing } from "lit";
import type { PartInfo } from "lit/directive.js";
import { Directive, directive, PartType } from "lit/directive.js";

class OwnAttributes extends Directive {
  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error("ownAttributes stands inside a tag");
  }

  override render(_attributes: Readonly<Record<string, string>>): typeof nothing {
    return nothing;
  }

  override update({ element }: ElementPart, [attributes]: [Readonly<Record<string, string>>]): typeof nothing {
    // The first update comes before the element is in the document.
    queueMicrotask(() => {
      for (const [name, value] of Object.entries(attributes)) {
        if (element.getAttribute(name) !== value) element.setAttribute(name, value);
      }
    });
    return nothing;
  }
}

export const ownAttributes = directive(OwnAttributes);
