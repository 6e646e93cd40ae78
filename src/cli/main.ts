#!/usr/bin/env node
import { runCli } from "./runCli";
import { processTerminal } from "./terminal";

async function main(): Promise<void> {
  const terminal = processTerminal();
  // The exit code is set, not forced: what is still to be written to a pipe gets there.
  const code = await runCli(process.argv.slice(2), terminal);
  // Results that could not be written have set it before.
  process.exitCode ||= code;
  terminal.dispose();
}

void main();
