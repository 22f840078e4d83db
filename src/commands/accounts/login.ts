import { loadEffective } from '../../app/settings/kept.ts'
import type { AccountView } from '../../cloud/events.ts'
import { type AccountSettings, type LoadedSettings, MissingSetting } from '../../config/index.ts'
import { asBridgeError, BridgeError } from '../../core/errors.ts'
import { MASK } from '../../core/logging/secrets.ts'
import type { Store } from '../../store/store.ts'
import { type CommandInput, counted } from '../command.ts'
import type { Terminal } from '../console/terminal.ts'
import { openTheStore, type Tools, table, toolsFor } from '../console/tools.ts'
import { accountClouds, pickAccount } from './account.ts'

/** How many codes may be tried: clouds end a login after three wrong ones. */
const TRIES = 3

/** Signs in to an account, asking for what only a person knows, and stores its session and the keys of its devices. */
export async function login(input: CommandInput): Promise<number> {
  const answers = new Map<string, string>()
  const tools = toolsFor(input, await loadAsking(input, answers))
  const account = pickAccount(tools.settings.cloud.accounts, input.options.account)
  const store = openTheStore(tools)
  try {
    const listed = await signInAndList(tools, store, account)
    for (const note of tools.notes) tools.terminal.err(note)
    for (const line of describe(account, listed, store)) tools.terminal.out(line)
    if (answers.size > 0) tools.terminal.out(notConfigured(account))
    return 0
  } finally {
    store.close()
  }
}

/** Asks for user names and passwords that the configuration lacks. */
async function loadAsking(input: CommandInput, answers: Map<string, string>): Promise<LoadedSettings> {
  for (;;) {
    try {
      return await loadEffective(input.clock, { flags: input.flags, env: input.env, answers })
    } catch (error) {
      if (!(error instanceof MissingSetting)) throw error
      const [, number, name] = /^cloud\.accounts\[(\d+)\]\.(username|password)$/.exec(error.key) ?? []
      if (!name) throw error
      const which = Number(number) > 0 ? ` of cloud account ${Number(number) + 1}` : ''
      const question = name === 'username' ? `E-mail or user name${which}: ` : `Password${which}: `
      const answer = await input.terminal.ask(question, name === 'password')
      if (!answer) throw error
      answers.set(error.key, answer)
    }
  }
}

interface Listed {
  readonly serial: string
  readonly name: string | null
  readonly type: string | null
}

/** @throws BridgeError if signing in to the account failed */
async function signInAndList(
  tools: Tools,
  store: Store,
  account: AccountSettings,
): Promise<readonly Listed[] | undefined> {
  const clouds = accountClouds(tools, store, account)
  let listed: readonly Listed[] | undefined
  clouds.events.on('devices', ({ devices }) => {
    listed = devices
  })
  try {
    tools.terminal.err(`Signing in to ${account.provider} as ${account.username} …`)
    await signIn(clouds, account.id, tools.terminal)
    return listed
  } finally {
    await clouds.stop()
  }
}

/** What signing in needs from the clouds. */
export interface SignInTarget {
  list(): readonly AccountView[]
  login(id: string): Promise<AccountView>
  submitCode(id: string, code: string): Promise<AccountView>
}

const WAITING = 'An earlier sign-in is still waiting for its code. Press Enter without a code to sign in again.'

const promptOf = ({ error }: AccountView): string =>
  error?.message.replace(/ Give it with: .*$/, '') ?? 'A code is needed.'

/**
 * Signs in, with a code from the terminal if one is needed. @throws BridgeError if the account does not become ready
 */
export async function signIn(clouds: SignInTarget, id: string, terminal: Terminal): Promise<void> {
  // The bridge may already be waiting for a code that the person has received: another login would make it invalid.
  let waiting = clouds.list().find((account) => account.id === id && account.state === 'code_needed')
  let view = waiting ?? (await clouds.login(id))
  for (let left = TRIES; view.state === 'code_needed' && left > 0; left--) {
    const code = (await terminal.ask(`${waiting ? WAITING : promptOf(view)}\nCode: `, true))?.trim()
    if (code === '' && waiting) {
      waiting = undefined
      view = await clouds.login(id)
      continue
    }
    waiting = undefined
    if (!code)
      throw new BridgeError(
        'CLOUD_CODE_NEEDED',
        'No code was given, so the account is not signed in. Start again with: thermo2mqtt login',
      )
    try {
      view = await clouds.submitCode(id, code)
    } catch (error) {
      const { code: kind, message } = asBridgeError(error)
      if (kind !== 'CLOUD_AUTH' && kind !== 'BAD_REQUEST') throw error
      terminal.err(message)
    }
  }
  if (view.state === 'ready') return
  if (view.state === 'code_needed') {
    throw new BridgeError(
      'CLOUD_AUTH',
      `None of ${TRIES} codes was accepted. Wait for a new one and start again with: thermo2mqtt login`,
    )
  }
  const { code, message } = view.error ?? { code: 'CLOUD_AUTH', message: `The account is ${view.state}.` }
  throw new BridgeError(code, message)
}

function describe(account: AccountSettings, listed: readonly Listed[] | undefined, store: Store): string[] {
  const signedIn = `Signed in: account ${account.id} (${account.provider}). The session is stored.`
  if (!listed)
    return [
      signedIn,
      'No keys came from this provider, because the path of its device list (devices.path) is not configured.',
    ]
  const rows = listed.map(({ serial, name, type }) => {
    const held = store.keys.of(serial).some(({ source }) => source === account.id)
    return [serial, name ?? '-', type ?? '-', held ? MASK : 'none']
  })
  const keys = rows.filter(([, , , key]) => key === MASK).length
  return [
    signedIn,
    `${counted(rows.length, 'device')}, ${counted(keys, 'key')} stored.`,
    ...(rows.length > 0 ? ['', ...table([['SERIAL', 'NAME', 'TYPE', 'KEY'], ...rows])] : []),
  ]
}

const notConfigured = ({ id }: AccountSettings): string =>
  `\nWhat you typed is not saved. The keys are, and the bridge uses them without the account. If a device is bound again, log in again. To let the bridge fetch keys by itself, put the user name and password of account ${id} into the configuration.`
