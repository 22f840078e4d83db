/** Moves keys and what is known of the devices to another machine, in a file protected by a passphrase. */
import { readFromDisk, whyUnreadable } from '../../config/loading/files.ts'
import { BridgeError } from '../../core/errors.ts'
import { parseJson } from '../../core/json.ts'
import { SHORTEST_PASSPHRASE } from '../../core/passwords/passphrase.ts'
import { LARGEST_KEY_FILE, openKeyFile, sealKeyFile } from '../../store/secrets/key-file.ts'
import { counted, UsageError } from '../command.ts'
import { writeNew } from '../console/new-file.ts'
import { configuredKeys, openTheStore, storeExists, type Tools } from '../console/tools.ts'
import { type KeyExport, mergeDevices, readExport } from './export.ts'

type Options = Readonly<Record<string, string>>

const LARGEST_PASSPHRASE_FILE = 4096

/** @throws UsageError, BridgeError */
export async function exportKeys(tools: Tools, options: Options, workFactor?: number): Promise<void> {
  const path = fileOption(options, 'export')
  const content = held(tools)
  const passphrase = await choosePassphrase(tools, options)
  await writeNew(path, [await sealKeyFile(`${JSON.stringify(content, null, 2)}\n`, passphrase, workFactor)])
  const own = configuredKeys(tools.settings).size
  tools.terminal.out(
    `${counted(content.keys.length, 'key')} and ${counted(content.devices.length, 'device')} are in ${path}, encrypted. On the other machine: thermo2mqtt keys import --file=${path}`,
  )
  if (own > 0) {
    tools.terminal.out(
      `${counted(own, 'key')} from the configuration (devices[].totp_key) are not included: move the configuration too.`,
    )
  }
}

function held(tools: Tools): KeyExport {
  const store = storeExists(tools.settings) ? openTheStore(tools) : undefined
  try {
    const keys = store?.keys.present() ?? []
    for (const note of tools.notes) tools.terminal.err(note)
    if (!store || keys.length === 0) {
      throw new BridgeError('BAD_REQUEST', 'No keys are stored, so there is nothing to export. No file was written.')
    }
    return { exported: new Date(tools.clock.now()).toISOString(), keys, devices: store.devices.load() }
  } finally {
    store?.close()
  }
}

/** @throws UsageError, BridgeError */
export async function importKeys(tools: Tools, options: Options): Promise<void> {
  const path = fileOption(options, 'import')
  const file = readBytes(path, LARGEST_KEY_FILE, '--file')
  const passphrase = await askPassphrase(tools, options)
  const content = readExport(parseJson(await openKeyFile(file, passphrase)))
  const store = openTheStore(tools)
  try {
    const taken = store.transaction(() => {
      store.devices.save(...mergeDevices(store.devices.load(), content.devices))
      return store.keys.merge(content.keys)
    })
    for (const note of tools.notes) tools.terminal.err(note)
    const rest = content.keys.length - taken.length
    tools.terminal.out(
      `${counted(taken.length, 'key')} were imported${rest > 0 ? `; of ${rest} this machine holds the same or a newer one` : ''}. A running bridge signs with them at once; it uses their names and addresses after a restart.`,
    )
  } finally {
    store.close()
  }
}

function fileOption(options: Options, word: string): string {
  const { file } = options
  if (file) return file
  throw new UsageError(`keys ${word} needs a file: thermo2mqtt keys ${word} --file=<path>`)
}

/** A passphrase for a new file, typed twice. @throws UsageError */
export async function choosePassphrase(tools: Tools, options: Options): Promise<string> {
  const { terminal, secrets } = tools
  const given = passphraseOf(tools, options)
  const first =
    given ?? (await terminal.ask(`Passphrase for the file, at least ${SHORTEST_PASSPHRASE} characters: `, true))
  if (!first) throw new UsageError('no passphrase was given. No file was written.')
  secrets.remember(first)
  if ([...first].length < SHORTEST_PASSPHRASE) {
    throw new UsageError(
      `the passphrase is too short: whoever finds the file could guess it. It must have at least ${SHORTEST_PASSPHRASE} characters. No file was written.`,
    )
  }
  if (given === undefined && (await terminal.ask('The same again: ', true)) !== first) {
    throw new UsageError('the two passphrases do not match. No file was written.')
  }
  return first
}

/** The passphrase of an existing file. @throws UsageError */
export async function askPassphrase(tools: Tools, options: Options): Promise<string> {
  const passphrase = passphraseOf(tools, options) ?? (await tools.terminal.ask('Passphrase of the file: ', true))
  if (!passphrase) throw new UsageError('no passphrase was given.')
  tools.secrets.remember(passphrase)
  return passphrase
}

/** The first line of the file named by `--passphrase-file`. */
function passphraseOf({ secrets }: Tools, options: Options): string | undefined {
  const path = options['passphrase-file']
  if (path === undefined) return undefined
  const bytes = readBytes(path, LARGEST_PASSPHRASE_FILE, '--passphrase-file')
  const [line = ''] = bytes.toString('utf8').split(/\r?\n/, 1)
  secrets.remember(line)
  return line
}

/** @throws UsageError if it can't be read or is too large */
function readBytes(path: string, limit: number, option: string): Buffer {
  let bytes: Uint8Array
  try {
    bytes = readFromDisk(path, limit)
  } catch (error) {
    throw new UsageError(`${option}: ${path} can't be read: ${whyUnreadable(error)}.`)
  }
  if (bytes.length > limit) throw new UsageError(`${option}: ${path} is too large for such a file.`)
  return Buffer.from(bytes)
}
