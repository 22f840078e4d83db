/** The devices of the first page: which are shown, in which order, and what all of them amount to. */
import { type Signal, signal } from '@preact/signals'
import type { Device, Problem } from '../api/types.ts'
import { sensorOf } from './card.ts'

export const FILTERS = ['all', 'heating', 'problem', 'offline'] as const
export type Filter = (typeof FILTERS)[number]

/** From how many thermostats on there is something to search, and rows stand in place of cards. */
export const MANY = { search: 7, rows: 25 } as const

export interface Chosen {
  readonly search: string
  readonly filter: Filter
  /** null: all rooms. */
  readonly room: string | null
}

const EVERYTHING: Chosen = { search: '', filter: 'all', room: null }

type Form = 'cards' | 'rows'

/** What somebody has chosen on the first page: kept until the page is closed, cards or rows for longer. */
export class ListState {
  readonly chosen: Signal<Chosen> = signal(EVERYTHING)
  /** null: by the number of thermostats. */
  readonly form: Signal<Form | null>
  /** The serials of those that are to be changed together; null while nobody wants to. */
  readonly selected: Signal<ReadonlySet<string> | null> = signal(null)
  /** Pixels by which the first page was scrolled when it was left. */
  scrolled = 0

  constructor(keep: { getItem(key: string): string | null; setItem(key: string, value: string): void }) {
    const saved = keep.getItem(KEY)
    this.form = signal(saved === 'cards' || saved === 'rows' ? saved : null)
    this.form.subscribe((form) => {
      if (form !== null) keep.setItem(KEY, form)
    })
  }

  choose(change: Partial<Chosen>): void {
    this.chosen.value = { ...this.chosen.value, ...change }
  }

  select(serials: readonly string[], wanted: boolean): void {
    const before = this.selected.value ?? new Set<string>()
    const others = [...before].filter((serial) => !serials.includes(serial))
    this.selected.value = new Set([...others, ...(wanted ? serials : [])])
  }

  showAll(): void {
    this.chosen.value = EVERYTHING
  }

  /** For whoever signs in next. */
  clear(): void {
    this.showAll()
    this.selected.value = null
    this.scrolled = 0
  }
}

const KEY = 'thermo2mqtt.list'

const ORDER = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** By name as people count: 2 before 10. */
export const byName = <Named extends { readonly name: string }>(all: Iterable<Named>): readonly Named[] =>
  [...all].sort((a, b) => ORDER.compare(a.name, b.name))

/** The rooms that there are, in the same order. */
export const roomsOf = (devices: readonly Device[]): readonly string[] =>
  [...new Set(devices.flatMap(({ room }) => room ?? []))].sort(ORDER.compare)

const HOT: readonly unknown[] = ['heating', 'preheating']

/** Whether its load heats now. */
export const isHeating = ({ online, state: { action } }: Device): boolean => online && HOT.includes(action)

/** What is wrong with which device, by serial: the worst of each. The bridge works it out, for everybody the same. */
export type Troubles = ReadonlyMap<string, Problem>

/** What each filter shows. */
export const MATCHES: Readonly<Record<Filter, (device: Device, troubles: Troubles) => boolean>> = {
  all: () => true,
  heating: isHeating,
  problem: ({ serial }, troubles) => troubles.has(serial),
  offline: ({ online }) => !online,
}

export const choosesAll = ({ search, filter, room }: Chosen): boolean =>
  search.trim() === '' && filter === EVERYTHING.filter && room === null

/** Whether the room that was chosen is gone, or empty: it then chooses nothing. */
export const isRoomGone = (devices: readonly Device[], { room }: Chosen): boolean =>
  room !== null && devices.every((device) => device.room !== room)

/** What somebody searches for, word by word. */
export const wordsIn = (search: string): readonly string[] => search.toLocaleLowerCase().split(/\s+/).filter(Boolean)

/** What matches all that was chosen. */
export function matching(devices: readonly Device[], chosen: Chosen, troubles: Troubles): readonly Device[] {
  const { search, filter, room } = chosen
  const words = wordsIn(search)
  const anyRoom = room === null || isRoomGone(devices, chosen)
  return devices.filter((device) => {
    if (!MATCHES[filter](device, troubles) || !(anyRoom || device.room === room)) return false
    const text = `${device.name} ${device.room ?? ''}`.toLocaleLowerCase()
    return words.every((word) => text.includes(word) || isSerial(word, device))
  })
}

/** A part of a serial as long as people copy; shorter ones are in many by chance. */
const isSerial = (word: string, { serial }: Device): boolean =>
  word.length >= 4 && serial.toLocaleLowerCase().includes(word)

export interface Total {
  readonly thermostats: number
  readonly heating: number
  /** W; null if no device tells. */
  readonly power: number | null
  /** °C of the air, or of the floors where nothing measures the air; undefined if nothing is known. */
  readonly span: { readonly of: 'air' | 'floor'; readonly min: number; readonly max: number } | undefined
  readonly troubled: readonly Device[]
}

export function totalOf(
  devices: readonly Device[],
  isThermostat: (device: Device) => boolean,
  troubles: Troubles,
): Total {
  const thermostats = devices.filter(isThermostat)
  const online = devices.filter((device) => device.online)
  const numbers = (key: string, from: readonly Device[]) =>
    from.flatMap(({ state }) => (typeof state[key] === 'number' ? [state[key]] : []))
  const power = numbers('power', online)
  const air = numbers('air_temperature', online)
  const floors = numbers(
    'current_temperature',
    online.filter(({ state }) => sensorOf(state) !== 'air'),
  )
  const measured = air.length > 0 ? air : floors
  return {
    thermostats: thermostats.length,
    heating: thermostats.filter(isHeating).length,
    power: power.length > 0 ? power.reduce((sum, watts) => sum + watts, 0) : null,
    span:
      measured.length > 0
        ? { of: air.length > 0 ? 'air' : 'floor', min: Math.min(...measured), max: Math.max(...measured) }
        : undefined,
    troubled: devices.filter(({ serial }) => troubles.has(serial)),
  }
}
