#!/usr/bin/env node
import { runCli } from "./runCli";
import { processTerminal } from "./terminal";

async function main(): Promise<void> {
  const terminal = processTerminal();
  // The exit code is set, not forced: what is still to be written to a pipe gets there.
  process.exitCode = await runCli(process.argv.slice(2), terminal);
  terminal.dispose();
}

void main();
