import { OwnTimer } from './boost/timer.ts'
import { Commands } from './commands/commands.ts'
import { Owner } from './facts/owner.ts'
import type { Identity } from './facts/profile.ts'
import { Way } from './link/way.ts'
import { Whereabouts } from './link/whereabouts.ts'
import { Fresh } from './reading/fresh.ts'
import { Poller } from './reading/poller.ts'
import { Reader } from './reading/reader.ts'
import { SecondSource } from './reading/second-source.ts'
import { Witness } from './reading/witness.ts'
import { Schedules } from './schedule/schedules.ts'
import { beginWith } from './state/facts.ts'
import { Showing } from './state/showing.ts'
import type { KnownDevice, ThermostatOptions } from './thermostat-options.ts'

export type Parts = ReturnType<typeof assemble>

/**
 * Makes the parts of one thermostat. Each part gets only parts made before it, and of the options only what it needs: copies of
 * all of them took 2 KB of each device.
 * @param device what the listeners are given when it changes
 */
export function assemble(device: KnownDevice, identity: Identity, options: ThermostatOptions) {
  const { clock, logger, rows } = options
  const { serial } = identity
  const fault = (err: unknown) =>
    logger.error({ err, serial }, 'A fault in the program prevents a device from being read')
  const { connect, connectUnlocated, ask, isOthers } = options
  const way = new Way({ serial, connect, connectUnlocated, ask, isOthers })
  const facts = beginWith(identity, { ...options, way, onIdentity: () => options.onIdentity(device) })
  const showing = new Showing({ clock, facts, onState: () => options.onState(device) })
  const where = new Whereabouts({
    serial,
    clock,
    quiet: options.quiet,
    proven: identity.proven ?? null,
    silence: options.silence,
    onWait: (ms) => options.onWait?.(device, ms),
    ask: (address) => way.answersAt(address),
    onMove: (address, hw) => options.onMove?.(device, address, hw),
    onChange: ({ proven, rival }) => {
      facts.profile.set({ proven })
      facts.rival = rival
      showing.show()
    },
  })
  const owner = new Owner(facts, where)
  const reader = new Reader({ clock, rows, facts })
  const poller = new Poller({
    clock,
    random: options.random,
    interval: options.pollInterval,
    heardInterval: options.heardInterval,
    poll: () => reader.read(way.any),
    onFault: fault,
    onChange: (_online, error) => options.onAvailability(device, error),
  })
  const fresh = new Fresh({ way, poller, reader })
  const schedules = new Schedules({
    clock,
    logger,
    way,
    facts,
    onChange: () => {
      options.onSchedule?.(device)
      showing.changed()
    },
    onForeign: (schedule) => options.onChangeAtDevice?.(device, { schedule }),
  })
  const second = new SecondSource({ clock, facts, reader, schedules })
  const witness = new Witness({ clock, facts, onChange: (values) => options.onChangeAtDevice?.(device, { values }) })
  const boosts = new OwnTimer({
    clock,
    logger,
    facts,
    memory: options.boosts,
    read: () => fresh.tryToRead(),
    onChange: () => showing.show(),
  })
  const commands = new Commands({
    clock,
    logger,
    facts,
    way,
    reader,
    fresh,
    poller,
    boosts,
    second,
    showing,
    witness,
    onOwn: (asked, outcome) => options.onOwn?.(device, asked, outcome),
  })
  const readSchedules = () => void schedules.readDue(commands.waiting).catch(fault)
  reader.listen(() => showing.changed())
  reader.listen(() => witness.look())
  // Whoever waits for the reading need not wait for this follow-up.
  reader.listen(() => void commands.settle().catch(fault))
  reader.listen(readSchedules)
  return {
    way,
    facts,
    showing,
    where,
    owner,
    reader,
    poller,
    fresh,
    schedules,
    readSchedules,
    second,
    witness,
    boosts,
    commands,
  }
}
