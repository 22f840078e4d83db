/** Records what a device answers, without what is personal, as a file that the tests can load. */
import { loadEffective } from '../../app/settings/kept.ts'
import { isHost } from '../../config/settings/address.ts'
import type { Address } from '../../lan/types.ts'
import { readVersion } from '../../version.ts'
import type { CommandInput } from '../command.ts'
import { counted, countOption, short, UsageError } from '../command.ts'
import { mustBeNew, writeNew } from '../console/new-file.ts'
import { toolsFor } from '../console/tools.ts'
import { untilSignal } from '../running/process.ts'
import { answersAt, type Exchange } from './answers.ts'
import { BeaconsFrom } from './beacons.ts'
import { Masks } from './masks.ts'

/** Asks one device for everything that can be read. Nothing is ever written to it. */
export async function record(input: CommandInput): Promise<number> {
  const { options, clock, flags, env } = input
  const address = addressIn(options.host, input.devicePort)
  if (options.file !== undefined) mustBeNew(options.file)
  const seconds = countOption(options, 'seconds', 60, 3600)
  const tools = toolsFor(input, await loadEffective(clock, { flags, env }))
  const { terminal, settings } = tools
  const stop = new AbortController()
  void untilSignal(input.signals).then(() => stop.abort())
  terminal.err(`Asking ${options.host}. This takes up to a minute and changes nothing on the device.`)
  const beacons = await BeaconsFrom.listen(address.host, settings.discovery)
  try {
    const { serial, exchanges } = await answersAt(address, tools, stop.signal)
    terminal.err(`Listening up to ${seconds} s for a broadcast of the device. Ctrl+C stops waiting.`)
    await beacons.first(clock, seconds * 1000, stop.signal)
    const heard = beacons.of(serial)
    const text = asFile(new Masks(heard.serial), exchanges, heard.texts)
    for (const line of lacking(exchanges)) terminal.err(line)
    if (heard.texts.length === 0)
      terminal.err(`${beacons.problem ?? 'No broadcast of the device was heard.'} ${NO_BEACON}`)
    if (options.file === undefined) terminal.out(text)
    else await writeNew(options.file, [Buffer.from(`${text}\n`)])
    const place = options.file === undefined ? '' : ` in ${options.file}`
    const answers = counted(exchanges.filter(({ failure }) => failure === undefined).length, 'answer')
    terminal.err(`Recorded${place}: ${answers}, ${counted(heard.texts.length, 'broadcast')}. ${READ_IT}`)
  } finally {
    beacons.close()
  }
  return 0
}

const READ_IT =
  'The serial number and whatever else may be personal are replaced, but the weekly schedule is in it. Look through it before you send it.'

/** @throws UsageError */
function addressIn(host: string | undefined, port: number): Address {
  if (host === undefined) {
    throw new UsageError('record needs the address of the device: record --host=192.168.1.50')
  }
  const [, name = '', digits] = /^([^:]*)(?::(\d{1,5}))?$/.exec(host.trim()) ?? []
  const wanted = digits === undefined ? port : Number(digits)
  if (!isHost(name) || wanted < 1 || wanted > 65_535) {
    throw new UsageError(`--host must be an IPv4 address or a host name, with or without :port, not "${short(host)}".`)
  }
  return { host: name, port: wanted }
}

function asFile(masks: Masks, exchanges: readonly Exchange[], datagrams: readonly string[]): string {
  const source = `recorded by thermo2mqtt ${readVersion()}; serial number and other personal data replaced`
  const shown = exchanges.map(({ request, response, failure }) => ({
    request,
    ...(failure === undefined ? { response: masks.answer(response) } : { failure }),
  }))
  return JSON.stringify({ source, exchanges: shown, datagrams: datagrams.map((text) => masks.beacon(text)) }, null, 1)
}

function lacking(exchanges: readonly Exchange[]): string[] {
  return exchanges.flatMap(({ request, response, failure, why }) => {
    const question = JSON.stringify(request)
    if (failure !== undefined) return [`Not recorded: the answer to ${question}. ${why}`]
    return response?.success === 'block' ? [`The device refuses to answer ${question}; that is recorded.`] : []
  })
}

const NO_BEACON =
  'So the recording does not say what the device calls itself. If you can, record on a machine in the network of the device; in Docker, with the network of the host.'
