import { loadEffective } from '../../app/settings/kept.ts'
import type { Clouds } from '../../cloud/cloud.ts'
import type { CommandInput } from '../command.ts'
import { openTheStore, toolsFor } from '../console/tools.ts'
import { accountClouds, pickAccount } from './account.ts'

/** Manages the second factor of an account whose service supports authenticator apps. */
export async function totp(input: CommandInput): Promise<number> {
  const { flags, env, options, words } = input
  const tools = toolsFor(input, await loadEffective(input.clock, { flags, env }))
  const account = pickAccount(tools.settings.cloud.accounts, options.account)
  const store = openTheStore(tools)
  const clouds = accountClouds(tools, store, account)
  try {
    const lines = await operate(clouds, account.id, words[0] ?? '')
    for (const note of tools.notes) tools.terminal.err(note)
    // Bypasses the tools' terminal, which would mask a secret that has to be shown this once.
    for (const line of lines) input.terminal.out(line)
    return 0
  } finally {
    await clouds.stop()
    store.close()
  }
}

/** What to say afterwards. @throws BridgeError if it was not done */
async function operate(clouds: Clouds, id: string, operation: string): Promise<string[]> {
  const result = await clouds.totp(id, operation)
  switch (result.operation) {
    case 'setup':
      return [
        `Secret:  ${result.secret_key}`,
        `Address: ${result.provisioning_uri}`,
        '',
        'Both are shown only once. The bridge keeps the secret, encrypted, and makes the codes itself. Add the secret to an authenticator app too, so that you can sign in elsewhere.',
        `It is not in force yet. To turn it on: thermo2mqtt totp activate --account=${id}`,
      ]
    case 'activate':
      return [
        'The second factor is on. The bridge makes its codes itself.',
        ...(result.recovery_codes.length > 0
          ? ['Recovery codes, shown only once; each works once in place of a code:', ...result.recovery_codes]
          : ['The service gave no recovery codes.']),
      ]
    case 'verify':
      return [`The account is ${result.account.state}.`]
    case 'deactivate':
      return ['The second factor is off, and its secret is deleted.']
  }
}
