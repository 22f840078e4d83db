#!/usr/bin/env node
/** The command line: reads arguments, runs a command, and is the only place that ends the process. */
import { enableCompileCache } from 'node:module'
import { parseArguments, USAGE, UsageError } from './commands/arguments.ts'
import { COMMANDS } from './commands/index.ts'
import { SettingsError } from './config/errors.ts'
import { BridgeError } from './core/errors.ts'
import { readVersion } from './version.ts'

// Compiled code is kept between starts: a restart of the bridge should not be felt.
enableCompileCache()

/** 0 ok, 1 runtime failure, 2 bad usage or configuration. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    const parsed = parseArguments(argv)
    if (parsed.help) {
      process.stdout.write(`${USAGE}\n`)
      return 0
    }
    if (parsed.version) {
      process.stdout.write(`${readVersion()}\n`)
      return 0
    }
    const command = await COMMANDS[parsed.command]()
    return await command({ ...parsed, env: process.env, signals: process })
  } catch (error) {
    if (error instanceof UsageError || error instanceof SettingsError) {
      process.stderr.write(`thermo2mqtt: ${error.message}\n`)
      return 2
    }
    if (error instanceof BridgeError) process.stderr.write(`thermo2mqtt: ${error.message}\n`)
    else process.stderr.write(`thermo2mqtt: a fault of the program: ${error instanceof Error ? error.stack : error}\n`)
    return 1
  }
}

process.exit(await main(process.argv.slice(2)))
