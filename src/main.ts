#!/usr/bin/env node
/** The command line: reads arguments, runs a command, and is the only place that ends the process. */
import nodeModule from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { UsageError } from './commands/command.ts'
import { parseArguments, USAGE } from './commands/console/arguments.ts'
import { ProcessTerminal } from './commands/console/terminal.ts'
import { COMMANDS } from './commands/index.ts'
import { SettingsError } from './config/errors.ts'
import { SystemClock } from './core/clock.ts'
import { BridgeError } from './core/errors.ts'
import { complaintAboutNode, readVersion } from './version.ts'

// Compiled code is kept between starts: a restart of the bridge should not be felt. It says so, and does nothing, where
// nothing can be written. A Node.js that is too old has not got it: that is said below.
nodeModule.enableCompileCache?.()

// Left alone, V8 lets the space for new objects grow to 128 MB, most of it garbage that nobody needs gone sooner. A third of
// the memory of a large house, a quarter of that of a small one; no difference in time was measured.
setFlagsFromString('--semi-space-growth-factor=1')
// Nor has it to wait with the old ones until there are twice as many; a fifth more is enough.
setFlagsFromString('--heap-growing-percent=20')

// Left alone, this signal opens Node's inspector, through which anybody on this machine could read every secret. A
// developer starts with --inspect.
process.on('SIGUSR1', () => undefined)

// Whoever reads the output may go at any time (`thermo2mqtt config | head`); a bridge without a log is still a bridge.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

/** 0 ok, 1 runtime failure, 2 bad usage or configuration. */
async function main(argv: readonly string[]): Promise<number> {
  const terminal = new ProcessTerminal({ input: process.stdin, output: process.stdout, errors: process.stderr })
  const complaint = complaintAboutNode(process.versions.node)
  if (complaint !== undefined) {
    terminal.err(`thermo2mqtt: ${complaint}`)
    return 1
  }
  try {
    const parsed = parseArguments(argv)
    if (parsed.help || parsed.version) {
      terminal.out(parsed.help ? USAGE : readVersion())
      return 0
    }
    const command = await COMMANDS[parsed.command]()
    const { words, options, flags } = parsed
    const clock = new SystemClock()
    return await command({ words, options, flags, env: process.env, signals: process, terminal, clock, devicePort: 80 })
  } catch (error) {
    terminal.err(`thermo2mqtt: ${explain(error)}`)
    return error instanceof UsageError || error instanceof SettingsError ? 2 : 1
  }
}

/** One line for what can happen to anybody; where it came from for what must not happen. */
function explain(error: unknown): string {
  if (error instanceof UsageError || error instanceof SettingsError || error instanceof BridgeError)
    return error.message
  // The system refused something: no address, no permission, no room.
  if (error instanceof Error && 'syscall' in error) return `the system refuses: ${error.message}`
  return `a fault of the program: ${error instanceof Error ? error.stack : error}`
}

process.exit(await main(process.argv.slice(2)))
