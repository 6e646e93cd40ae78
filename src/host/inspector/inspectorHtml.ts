/** The inspector's page: a strict Content-Security-Policy, one script, one style sheet. */

export interface PageParts {
  /** Fresh for every page; scripts and styles without it do not run. */
  nonce: string;
  cspSource: string;
  scriptUri: string;
  styleUri: string;
  /** Names the merge set whose page this is; the webview keeps it in its state. */
  panelId: string;
  /** BCP 47 tag. */
  language: string;
  title: string;
}

export function inspectorHtml(parts: PageParts): string {
  const { nonce, cspSource } = parts;
  const policy = [
    "default-src 'none'",
    `img-src ${cspSource} data:`,
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `font-src ${cspSource}`,
    `script-src 'nonce-${nonce}'`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${escapeHtml(parts.language)}">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
    <meta property="csp-nonce" content="${nonce}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(parts.title)}</title>
    <link rel="stylesheet" nonce="${nonce}" href="${escapeHtml(parts.styleUri)}">
  </head>
  <body data-panel="${escapeHtml(parts.panelId)}">
    <ties-inspector></ties-inspector>
    <script nonce="${nonce}" src="${escapeHtml(parts.scriptUri)}"></script>
  </body>
</html>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
