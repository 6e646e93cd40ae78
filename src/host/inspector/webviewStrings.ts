/** The inspector's translations: `media/l10n/webview.<language>.json`, key by English text. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Tries `ja-JP`, then `ja`; English needs none. */
export async function webviewStrings(extensionPath: string, language: string): Promise<Record<string, string>> {
  for (const tag of new Set([language.toLowerCase(), language.toLowerCase().split("-")[0]])) {
    try {
      const text = await readFile(join(extensionPath, "media", "l10n", `webview.${tag}.json`), "utf8");
      return JSON.parse(text) as Record<string, string>;
    } catch {
      // This language has no translation: the next, or English.
    }
  }
  return {};
}
