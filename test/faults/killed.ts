/** kill -9 at random moments of a busy bridge: what it has said to be so has to be so after the next start. */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { isObject, type JsonObject } from '../../src/core/json.ts'
import type { VirtualHouse } from '../../src/simulator/index.ts'
import type { BridgeProcess } from './bridge-process.ts'
import { Count, type Effort, type Fault, unless } from './fault.ts'
import { first, pause, type Rig } from './rig.ts'

const ROUNDS = 12
/** ms that a round lives at most. */
const LIFE = 3_000

/** What was promised before the kill. */
interface Promised {
  readonly token: string
  readonly name: string
  /** Whose answer the kill may have cut off: it may be kept or not. */
  readonly asked: string
  readonly energy: ReadonlyMap<string, number>
}

async function energies(bridge: BridgeProcess): Promise<ReadonlyMap<string, number>> {
  const { body } = await bridge.rest('GET', '/api/v1/devices')
  const list: readonly unknown[] = Array.isArray(body.devices) ? body.devices : []
  return new Map(
    list.filter(isObject).map((view) => {
      const state: JsonObject = isObject(view.state) ? view.state : {}
      return [String(view.serial), typeof state.energy === 'number' ? state.energy : 0]
    }),
  )
}

/** Commands, names and tokens, one after the other, until the bridge is gone. What it answered is what it has promised. */
async function work(
  bridge: BridgeProcess,
  house: VirtualHouse,
  { before, round, random }: { before: Promised; round: number; random: () => number },
): Promise<Promised> {
  let promised = before
  const { serial } = first(house)
  for (let step = 0; bridge.running; step++) {
    try {
      const name = `Bathroom ${Math.floor(random() * 1e6)}`
      promised = { ...promised, asked: name }
      const renamed = await bridge.rest('PATCH', `/api/v1/devices/${serial}`, { name })
      if (renamed.status === 200) promised = { ...promised, name }
      const made = await bridge.rest('POST', '/api/v1/tokens', { name: `t${step}-${round}`, scopes: ['read'] })
      if (typeof made.body.token === 'string') promised = { ...promised, token: made.body.token }
      const target_temperature = 15 + Math.floor(random() * 10)
      await bridge.rest('PATCH', `/api/v1/devices/${serial}/state`, { target_temperature })
      promised = { ...promised, energy: await energies(bridge) }
    } catch (error) {
      if (bridge.running && !(error instanceof TypeError)) throw error
    }
  }
  return promised
}

function damaged(folder: string): readonly string[] {
  return ['thermo2mqtt.db', 'history.db'].flatMap((file) => {
    const db = new Database(join(folder, file), { readonly: true, fileMustExist: true })
    try {
      const result = db.pragma('integrity_check', { simple: true })
      return result === 'ok' ? [] : [`${file}: ${String(result)}`]
    } finally {
      db.close()
    }
  })
}

async function broken(bridge: BridgeProcess, house: VirtualHouse, promised: Promised): Promise<string[]> {
  const { serial } = first(house)
  const wrong: (string | undefined)[] = []
  const seen = await bridge.rest('GET', '/api/v1/devices', undefined, promised.token)
  wrong.push(unless(promised.token === '' || seen.status === 200, `a token that was given answers ${seen.status}`))
  await bridge.online(serial)
  const { name } = await bridge.device(serial)
  const kept = promised.name === '' || name === promised.name || name === promised.asked
  wrong.push(unless(kept, `a name that was given is "${String(name)}"`))
  const now = await energies(bridge)
  for (const [of, value] of promised.energy)
    wrong.push(unless((now.get(of) ?? 0) >= value, `energy fell from ${value} to ${now.get(of)}`))
  const { status } = await bridge.rest('PATCH', `/api/v1/devices/${serial}/state`, { target_temperature: 21 })
  wrong.push(unless(status === 200, `a signed command answers ${status}`))
  return wrong.filter((sentence) => sentence !== undefined)
}

async function run(rig: Rig, { times, random }: Effort) {
  const house = await rig.house({ thermostats: [{ model: 'ax' }, { model: 'oz' }, { model: 'sx' }] })
  const bridge = await rig.bridge(house)
  const count = new Count()
  let promised: Promised = { token: '', name: '', asked: '', energy: new Map() }
  await bridge.start()
  for (let round = 0; round < ROUNDS * times; round++) {
    const working = work(bridge, house, { before: promised, round, random })
    await pause(random() * LIFE)
    await bridge.kill()
    promised = await working
    const files = damaged(bridge.folder)
    await bridge.start()
    count.take(...files, ...(await broken(bridge, house, promised)))
  }
  return count.outcome
}

export const killed: Fault = {
  id: 'killed',
  what: 'kill -9 at random moments while names, tokens and commands are under way: names, tokens and energy that were told are still there, both databases are sound, signed commands work',
  run,
}
