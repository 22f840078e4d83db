/** The choice among many devices, without a browser. */
import t from 'tap'
import { PROBLEM_KINDS } from '../../../src/devices/house/types.ts'
import type { Device, Energy } from '../../../src/web/api/types.ts'
import { Texts } from '../../../src/web/i18n/index.ts'
import { alongside, barsOf, recentUse, sumOf } from '../../../src/web/state/energy.ts'
import {
  byName,
  choosesAll,
  isRoomGone,
  ListState,
  matching,
  roomsOf,
  type Troubles,
  totalOf,
} from '../../../src/web/state/list.ts'
import { tellAll } from '../../../src/web/state/several.ts'
import { device, Memory, tick } from './page-rig.ts'

const named = (name: string, changes: Partial<Device> = {}): Device => ({ ...device(name), name, ...changes })
const troublesOf = (...devices: readonly Device[]): Troubles =>
  new Map(devices.map(({ serial, name }) => [serial, { serial, name, kind: 'offline', code: 'x', message: 'm' }]))
const names = (devices: readonly Device[]) => devices.map(({ name }) => name)

t.test('devices and rooms in the order in which people count', async (t) => {
  t.strictSame(names(byName([named('Bath 10'), named('bath 2'), named('Attic')])), ['Attic', 'bath 2', 'Bath 10'])
  const rooms = [named('a', { room: 'Room 10' }), named('b', { room: null }), named('c', { room: 'Room 9' })]
  t.strictSame(roomsOf([...rooms, ...rooms]), ['Room 9', 'Room 10'])
})

t.test('what is searched for and filtered', async (t) => {
  const hot = named('Ванна 1', { state: { action: 'heating' }, room: 'Поверх 2' })
  const cold = named('Kitchen', { state: { action: 'idle' }, room: 'Ground' })
  const gone = named('Hall', { state: { action: 'heating' }, online: false })
  const broken = PROBLEM_KINDS.map((kind) => named(kind))
  const all = [hot, cold, gone, ...broken]
  const troubles = troublesOf(...broken)
  const found = (change: object) => names(matching(all, { search: '', filter: 'all', room: null, ...change }, troubles))
  t.strictSame(found({}), names(all))
  t.strictSame(found({ search: ' ВАННА  поверх' }), ['Ванна 1'], 'every word, in name or room')
  t.strictSame(found({ search: '.*' }), [])
  t.strictSame(found({ filter: 'heating' }), ['Ванна 1'], 'what is not reachable heats nothing that is known')
  t.strictSame(found({ filter: 'problem' }), [...PROBLEM_KINDS], 'whatever the bridge counts')
  t.strictSame(found({ filter: 'offline' }), ['Hall'])
  t.strictSame(found({ room: 'Ground' }), ['Kitchen'])
  const removed = { search: '', filter: 'all', room: 'removed while it was chosen' } as const
  t.strictSame(found(removed), names(all))
  t.ok(isRoomGone(all, removed))
  t.notOk(isRoomGone(all, { ...removed, room: 'Ground' }))
  t.strictSame(found({ ...removed, filter: 'heating' }), ['Ванна 1'], 'what else was chosen still is')
  const chosen = [removed, { ...removed, room: null }, { ...removed, room: null, search: ' ' }].map(choosesAll)
  t.strictSame(chosen, [false, true, true])
})

t.test('what all of them amount to', async (t) => {
  const kitchen = { action: 'heating', power: 900, air_temperature: 21, control_type: 'air', current_temperature: 21 }
  const floor = { action: 'idle', power: 0, control_type: 'floor', current_temperature: 30 }
  const devices = [
    named('a', { state: kitchen }),
    named('b', { state: { ...kitchen, air_temperature: 23.5, power: null } }),
    named('c', { state: floor }),
    named('d', { state: { ...kitchen, air_temperature: 5 }, online: false }),
    named('e', { state: { power: 100 }, model: 'ms' }),
  ]
  const isThermostat = ({ model }: Device) => model !== 'ms'
  const total = totalOf(devices, isThermostat, troublesOf(named('d')))
  t.match(total, { thermostats: 4, heating: 2, power: 1000, span: { of: 'air', min: 21, max: 23.5 } })
  t.strictSame(names(total.troubled), ['d'])
  const floors = totalOf([named('c', { state: floor })], isThermostat, new Map())
  t.strictSame(floors.span, { of: 'floor', min: 30, max: 30 })
  t.match(totalOf([], isThermostat, new Map()), { power: null, span: undefined, troubled: [] })
})

t.test('what was chosen is kept, until somebody else signs in', async (t) => {
  const keep = new Memory()
  const list = new ListState(keep)
  t.equal(list.form.value, null)
  list.form.value = 'rows'
  t.equal(new ListState(keep).form.value, 'rows')
  list.choose({ search: 'x' })
  list.choose({ filter: 'heating' })
  t.strictSame(list.chosen.value, { search: 'x', filter: 'heating', room: null })
  list.select(['a', 'b'], true)
  list.select(['a'], false)
  t.strictSame([...(list.selected.value ?? [])], ['b'])
  list.scrolled = 500
  list.clear()
  t.strictSame([list.chosen.value.search, list.selected.value, list.scrolled, list.form.value], ['', null, 0, 'rows'])
  keep.setItem('thermo2mqtt.list', 'stacks')
  t.equal(new ListState(keep).form.value, null)
})

t.test('several are told a few at a time, and one that refuses stops nobody', async (t) => {
  const serials = Array.from({ length: 10 }, (_, index) => `d${index}`)
  let [running, most] = [0, 0]
  const seen: string[] = []
  let last = {}
  const tell = async (serial: string) => {
    most = Math.max(most, ++running)
    await tick()
    running--
    return serial !== 'd3'
  }
  await tellAll(serials, tell, (now) => {
    seen.push(`${now.done}`)
    last = now
  })
  t.equal(most, 4)
  t.strictSame(seen, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10'])
  t.strictSame(last, { done: 10, failed: ['d3'], of: 10 })
})

t.test('the energy of today and of this month', async (t) => {
  const { local } = await Texts.in('en')
  const day = (month: number, date: number, energy: number | null, cost: number | null = null) => ({
    from: new Date(2026, month, date).toISOString(),
    energy,
    cost,
  })
  const answer = (parts: Energy['parts']): Energy => ({
    by: 'day',
    timezone: 'UTC',
    currency: 'UAH',
    parts,
    devices: [],
  })
  const parts = [day(0, 30, 5, 10), day(0, 31, 4, 8), day(1, 1, 1.1, 2), day(1, 2, null), day(1, 3, 2.2, 4.5)]
  t.strictSame(recentUse(answer(parts), local), {
    today: { energy: 2.2, cost: 4.5 },
    month: { energy: 3.3, cost: 6.5 },
  })
  t.equal(recentUse(answer([day(0, 1, null)]), local), undefined)
  t.equal(recentUse(answer([]), local), undefined)
  t.strictSame(sumOf([day(0, 1, 1)]), { energy: 1, cost: null }, 'without a price')
})

const parts = (...used: readonly (number | null)[]) =>
  used.map((energy, index) => ({ from: String(index), energy, cost: null }))

t.test('bars are as high as what was used', async (t) => {
  const heights = (...devices: readonly ReturnType<typeof parts>[]) =>
    barsOf(devices, { width: 90, height: 100 }).map((bars) => bars.map(({ height }) => height))
  t.strictSame(heights(parts(1, null, 4)), [[25, 0, 100]])
  t.strictSame(heights(parts(0)), [[0]])
  t.strictSame(heights([]), [[]])
  t.strictSame(heights(parts(1, 2), parts(4, null)), [
    [25, 50],
    [100, 0],
  ])
})

t.test('bars of two devices stand beside each other', async (t) => {
  const [own = [], other = []] = barsOf([parts(1, 2), parts(4, 3)], { width: 100, height: 100 })
  const edges = [own, other].map((bars) => bars.map(({ x, width }) => [x, x + width]))
  t.strictSame(edges, [
    [
      [5, 25],
      [55, 75],
    ],
    [
      [25, 45],
      [75, 95],
    ],
  ])
  const late = [{ from: '1', energy: 5, cost: 2 }]
  t.strictSame(alongside(parts(1, 2), late), [{ from: '0', energy: null, cost: null }, ...late], 'at the same times')
})
