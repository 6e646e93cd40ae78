/** What the editor's window keeps of itself in the browser. Scripts for the page, as text: no test knows the DOM. */

/** As if the person went to another window; the editor then saves its state. */
export const LOSE_FOCUS = `{
  window.dispatchEvent(new Event("focus"));
  document.hasFocus = () => false;
  window.dispatchEvent(new Event("blur"));
}`;

/** Whether the editor's storage contains `text`. */
export const isSaved = (text: string): string => `(async () => {
  const settled = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith("vscode-web-state-db")) continue;
    const database = await settled(indexedDB.open(name));
    const values = await settled(database.transaction("ItemTable").objectStore("ItemTable").getAll());
    database.close();
    if (values.some((value) => typeof value === "string" && value.includes(${JSON.stringify(text)}))) return true;
  }
  return false;
})()`;
