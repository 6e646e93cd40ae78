/** Notes about a merge set, a line each, among the messages. */
import { printable } from "./printable";
import type { Terminal } from "./terminal";

export function noteAll(notes: readonly string[], terminal: Terminal): void {
  for (const note of notes) terminal.note(`note: ${printable(note)}`);
}
