#!/usr/bin/env node
/** The command line: reads arguments, runs a command, and is the only place that ends the process. */
import nodeModule from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { UsageError } from './commands/command.ts'
import { type Parsed, parseArguments } from './commands/console/arguments.ts'
import { ProcessTerminal } from './commands/console/terminal.ts'
import { COMMANDS } from './commands/index.ts'
import { Supervisor } from './commands/supervisor/index.ts'
import { stepDown } from './commands/supervisor/step-down.ts'
import { SettingsError } from './config/errors.ts'
import { SystemClock } from './core/clock.ts'
import { BridgeError } from './core/errors.ts'
import { complaintAboutNode, readVersion } from './version.ts'

// Keeps compiled code between starts, for a quick restart. Where nothing can be written it does nothing. A Node.js that
// is too old lacks it; the check below reports that.
nodeModule.enableCompileCache?.()

// By default V8 lets the space for new objects grow to 128 MB, most of it garbage. This limit saves a third of the
// memory with a large house and a quarter with a small one; no difference in time was measured.
setFlagsFromString('--semi-space-growth-factor=1')

// By default this signal opens Node's inspector, through which anybody on this machine could read every secret.
// Developers start with --inspect.
process.on('SIGUSR1', () => undefined)

// The reader of the output may go away at any time (`thermo2mqtt config | head`); a bridge without a log still works.
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
      terminal.out(parsed.help ? await helpOf(parsed) : readVersion())
      return 0
    }
    const command = await COMMANDS[parsed.command]()
    const { words, options, flags } = parsed
    const clock = new SystemClock()
    const supervisor = Supervisor.of({ env: process.env, clock, warn: (line) => terminal.err(line) })
    if (supervisor) stepDown(parsed.command === 'run' ? process.env.T2M_DATA_DIR : undefined)
    // The health check must not fail, and have the bridge started anew, because the Supervisor is busy.
    const tries = parsed.command === 'run' ? undefined : parsed.command === 'health' ? 0 : 1
    const env = (await supervisor?.environment(tries)) ?? process.env
    const input = { words, options, flags, env, signals: process, terminal, clock, devicePort: 80 }
    return await command(supervisor ? { ...input, supervisor } : input)
  } catch (error) {
    terminal.err(`thermo2mqtt: ${explain(error)}`)
    return error instanceof UsageError || error instanceof SettingsError ? 2 : 1
  }
}

/** Loaded only when somebody asks for it. */
async function helpOf({ command, named }: Parsed): Promise<string> {
  const { usage, usageOf } = await import('./commands/console/help.ts')
  return named ? usageOf(command) : usage()
}

/** One line for an expected error; a stack trace for a fault of the program. */
function explain(error: unknown): string {
  if (error instanceof UsageError || error instanceof SettingsError || error instanceof BridgeError)
    return error.message
  // The system refused something: address, permission or space.
  if (error instanceof Error && 'syscall' in error) return `the system refused: ${error.message}`
  return `a fault in the program: ${error instanceof Error ? error.stack : error}`
}

process.exit(await main(process.argv.slice(2)))
