/** Gives a file to the person, as browsers do: into the folder of downloads. */
export function download(name: string, content: BlobPart, type: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // Browsers take the address when they are through with the click.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
