import { Passwords } from '../../api/auth/credentials/passwords.ts'
import { ADMIN } from '../../api/auth/first-admin.ts'
import { checkUserName, madePassword, unlessLast } from '../../api/auth/people.ts'
import { ROLES, type Role } from '../../api/auth/ports.ts'
import { loadEffective } from '../../app/settings/kept.ts'
import { BridgeError } from '../../core/errors.ts'
import { isCommonPassword } from '../../core/passwords/common.ts'
import type { Store } from '../../store/store.ts'
import type { StoredUser } from '../../store/tables/users.ts'
import type { CommandInput } from '../command.ts'
import { short, UsageError } from '../command.ts'
import { openTheStore, systemUser, type Tools, table, toolsFor } from '../console/tools.ts'

const SHORTEST = 8
const LONGEST = 256

/** @param given the role, after the name or as --role; undefined without one */
type Action = (open: Opened, name: string, given: string | undefined) => Promise<string[]> | string[]

interface Opened {
  readonly tools: Tools
  readonly store: Store
  readonly passwords: Passwords
}

const ACTIONS: Readonly<Record<string, Action>> = {
  list,
  add,
  role: setRole,
  password: setPassword,
  remove,
  'totp-off': totpOff,
}

/**
 * Manages who may sign in to the API, for whoever has access to the machine: it asks for no current password and no
 * code. The bridge may be running; changes apply to it at once.
 */
export async function user(input: CommandInput, passwords = new Passwords()): Promise<number> {
  const { flags, env, words, options } = input
  const [word = '', name = '', role = options.role] = words
  const action = ACTIONS[word]
  if (!action) throw new UsageError(`user does not know "${word}".`)
  const tools = toolsFor(input, await loadEffective(input.clock, { flags, env }))
  const store = openTheStore(tools)
  try {
    const lines = await action({ tools, store, passwords }, name, role)
    if (word !== 'list') note(store, tools, word, name)
    for (const line of [...tools.notes]) tools.terminal.err(line)
    for (const line of lines) input.terminal.out(line)
    return 0
  } finally {
    store.close()
  }
}

function list({ store, tools }: Opened): string[] {
  const sessions = store.userSessions.list()
  const rows = store.users
    .list()
    .map(({ id, name, role, totp, created }) => [
      name,
      role,
      fixed(tools, name) ? 'api.admin_password' : 'own',
      totp ? 'yes' : 'no',
      String(sessions.filter(({ userId }) => userId === id).length),
      new Date(created).toISOString().slice(0, 10),
    ])
  if (rows.length === 0) return [`There are no users yet. The first start of the bridge makes ${ADMIN}.`]
  return table([['NAME', 'ROLE', 'PASSWORD', 'CODE', 'SESSIONS', 'SINCE'], ...rows])
}

async function add(open: Opened, name: string, given = 'administer'): Promise<string[]> {
  const { store, passwords } = open
  checkUserName(name)
  const role = roleIn(given)
  if (store.users.byName(name)) throw failed(`There is a user ${name} already.`)
  const { password, shown } = await ask(open, name)
  if (!store.users.add(name, await passwords.hash(password), shown.length > 0, role))
    throw failed(`There is a user ${name} already.`)
  return [`Created the user ${name} with the role ${role}.`, ...shown]
}

function setRole({ store, tools }: Opened, name: string, given = ''): string[] {
  const { id, name: known } = userNamed(store, name)
  const role = roleIn(given)
  if (role !== 'administer' && fixed(tools, known))
    throw failed(`${known} stays an administrator while api.admin_password is set.`)
  unlessLast(store.users.setRole(id, role))
  return [`${known} has the role ${role} now.`]
}

/** @throws UsageError */
function roleIn(given: string): Role {
  const role = ROLES.find((each) => each === given)
  if (role) return role
  throw new UsageError(`A role is look, control or administer, not "${short(given)}".`)
}

async function setPassword(open: Opened, name: string): Promise<string[]> {
  const { store, tools, passwords } = open
  const { id, name: known } = userNamed(store, name)
  if (fixed(tools, known)) throw failed(`The password of ${known} is the setting api.admin_password: change it there.`)
  const { password, shown } = await ask(open, known)
  store.users.setPassword(id, await passwords.hash(password), shown.length > 0)
  const ended = store.userSessions.removeOthers(id, null, 'password_reset').length
  return [`Changed the password of ${known}; ${ended} sessions were ended.`, ...shown]
}

function remove({ store, tools }: Opened, name: string): string[] {
  const { id, name: known } = userNamed(store, name)
  if (fixed(tools, known)) throw failed(`${known} can’t be removed while api.admin_password is set.`)
  unlessLast(store.users.remove(id))
  return [`Removed the user ${known}, with all sessions and API tokens.`]
}

function totpOff({ store }: Opened, name: string): string[] {
  const { id, name: known, totp } = userNamed(store, name)
  store.users.clearTotp(id)
  return [totp ? `${known} signs in without a code now.` : `${known} needed no code.`]
}

/** A password, asked for twice; generated here and shown if none is given. */
async function ask({ tools }: Opened, name: string): Promise<{ password: string; shown: string[] }> {
  const { terminal } = tools
  const password = await terminal.ask(`Password for ${name} (leave empty to generate one): `, true)
  if (password === undefined || password === '') {
    const made = madePassword()
    return { password: made, shown: [`Password, shown only this once: ${made}`] }
  }
  if (password.length < SHORTEST || password.length > LONGEST) {
    throw new UsageError(`A password has ${SHORTEST} to ${LONGEST} characters.`)
  }
  if (isCommonPassword(password, [name])) {
    throw failed(
      'This is one of the first passwords that attackers try. Choose another, such as four words. Nothing was changed.',
    )
  }
  if ((await terminal.ask('The same again: ', true)) !== password)
    throw failed('The two do not match. Nothing was changed.')
  return { password, shown: [] }
}

/** @throws BridgeError `BAD_REQUEST` */
function userNamed(store: Store, name: string): StoredUser {
  const found = store.users.byName(name)
  if (found) return found
  throw failed(`There is no user with this name. thermo2mqtt user list shows all users.`)
}

/** Whether the configuration sets this user's password. */
const fixed = ({ settings }: Tools, name: string): boolean =>
  settings.api.admin_password !== null && name.toLowerCase() === ADMIN

const failed = (message: string): BridgeError => new BridgeError('BAD_REQUEST', message)

/** Changes made on the machine are in the audit log too. */
function note(store: Store, { clock }: Tools, word: string, name: string): void {
  const who = systemUser()
  const entry = { at: clock.now(), who, via: 'machine', address: null, details: null, outcome: 'ok' } as const
  store.audit.add([{ ...entry, action: `user ${word}`, target: name.slice(0, 64) }])
}
