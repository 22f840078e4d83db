import { loadEffective } from '../../app/settings/kept.ts'
import type { CommandInput } from '../command.ts'
import { openTheStore, toolsFor } from '../console/tools.ts'
import { accountClouds, pickAccount } from './account.ts'

/** Ends an account's session, if its service supports that, and keeps it signed out. Its keys stay. */
export async function logout(input: CommandInput): Promise<number> {
  const { flags, env, options } = input
  const tools = toolsFor(input, await loadEffective(input.clock, { flags, env }))
  const account = pickAccount(tools.settings.cloud.accounts, options.account)
  const store = openTheStore(tools)
  const clouds = accountClouds(tools, store, account)
  try {
    const { error } = await clouds.logout(account.id)
    for (const note of tools.notes) tools.terminal.err(note)
    if (error) tools.terminal.err(error.message)
    tools.terminal.out(
      `Signed out: account ${account.id} (${account.provider}). Its keys stay. A running bridge stops using it at its next sync. To sign in again: thermo2mqtt login --account=${account.id}`,
    )
    return 0
  } finally {
    await clouds.stop()
    store.close()
  }
}
