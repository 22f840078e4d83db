import t from 'tap'
import { type Actor, called } from '../../../src/core/actor.ts'
import { sentenceOf } from '../../../src/devices/news/command-events.ts'
import { type Entry, folded } from '../../../src/devices/news/fold.ts'

const OLENA: Actor = { via: 'user', name: 'Olena' }

function entry(at: number, details: Record<string, unknown>, type = 'command'): Entry {
  const all = { by: OLENA, what: 'set', about: Object.keys(Object(details.values)), ...details }
  return { at, type, serial: 'A-1', account: null, message: sentenceOf(all), details: all }
}

const dial = (at: number, from: number, to: number, by = OLENA) =>
  entry(at, { by, values: { target_temperature: { from, to } } })

/** The entries as a log keeps them, each put together with the last one if they are one. */
function kept(...entries: Entry[]): Entry[] {
  const all: Entry[] = []
  for (const now of entries) {
    const last = all.at(-1)
    const both = last && folded(last, now)
    if (both) all[all.length - 1] = both
    else all.push(now)
  }
  return all
}

t.test('a dial that is turned ten times is one line, from the first value to the last', async (t) => {
  const turns = Array.from({ length: 10 }, (_, i) => dial(1_000 + i * 5_000, 20 + i, 21 + i))
  const [one, ...more] = kept(...turns)
  t.strictSame(more, [])
  t.match(one, {
    at: 46_000,
    message: 'Olena set target_temperature from 20 to 30.',
    details: { since: 1_000, times: 10, values: { target_temperature: { from: 20, to: 30 } } },
  })
})

t.test('what one person does within a minute is one line, with each key once', async (t) => {
  const [one, ...more] = kept(
    dial(0, 20, 21),
    entry(9_000, { values: { mode: { from: 'off', to: 'heat' } } }),
    // Replaced before it was sent, it says nothing beside what replaced it.
    entry(10_000, { values: { target_temperature: { asked: 25 } } }),
    dial(10_001, 21, 26),
  )
  t.strictSame(more, [])
  t.equal(one?.message, 'Olena set target_temperature from 20 to 26, mode from off to heat.')
  t.strictSame(one?.details?.about, ['target_temperature', 'mode'])
})

t.test('what is not one stays apart', async (t) => {
  const mqtt: Actor = { via: 'mqtt' }
  const action = (at: number, name: string) => entry(at, { what: 'action', about: [name] })
  const failed = (at: number, reason: string) => entry(at, { about: ['mode'], reason }, 'command_failed')
  const rows: Record<string, readonly [Entry, Entry]> = {
    'somebody else': [dial(0, 20, 21), dial(1, 21, 22, mqtt)],
    'the house in the name of the same person': [dial(0, 20, 21), dial(1, 21, 22, { ...OLENA, house: 'away' })],
    'a minute later': [dial(0, 20, 21), dial(60_001, 21, 22)],
    'a clock that went back': [dial(90_000, 20, 21), dial(1_000, 21, 22)],
    'another device': [dial(0, 20, 21), { ...dial(1, 21, 22), serial: 'B-1' }],
    'another action': [action(0, 'blink'), action(1, 'restart')],
    'another reason': [failed(0, 'It is locked.'), failed(1, 'It is silent.')],
    'a failure after a success': [dial(0, 20, 21), failed(1, 'It is silent.')],
    'no command': [
      { ...dial(0, 20, 21), type: 'fault_began' },
      { ...dial(1, 20, 21), type: 'fault_began' },
    ],
  }
  const together = Object.entries(rows).filter(([, [a, b]]) => folded(a, b))
  t.strictSame(together, [])
})

t.test('an automation that repeats itself is one line for as long as nothing else happens', async (t) => {
  const every = (minutes: number) => dial(minutes * 60_000, minutes === 0 ? 20 : 21, 21)
  const failed = (at: number) => entry(at, { about: ['mode'], reason: 'It is locked.' }, 'command_failed')
  const [one, ...more] = kept(...Array.from({ length: 100 }, (_, i) => every(i * 5)))
  t.strictSame(more, [])
  t.match(one, {
    at: 29_700_000,
    details: { since: 0, times: 100, values: { target_temperature: { from: 20, to: 21 } } },
  })
  t.equal(kept(failed(0), failed(600_000), failed(900_000)).length, 1)
})

t.test('keys that somebody invents do not make an entry grow without end', async (t) => {
  const failed = (at: number) => entry(at, { about: [`key_${at}`], reason: 'Too many.' }, 'command_failed')
  const all = kept(...Array.from({ length: 1_000 }, (_, i) => failed(i)))
  t.equal(all.length, Math.ceil(1_000 / 64))
  t.ok(all.every(({ details }) => JSON.stringify(details).length < 2_000))
})

t.test('days of a schedule, and what was done at a device, are put together too', async (t) => {
  const day = (at: number, name: string) => entry(at, { what: 'schedule', about: ['schedule'], days: [name] })
  t.match(kept(day(0, 'floor.monday'), day(900, 'floor.tuesday')), [
    { message: 'Olena changed the schedule (floor.monday, floor.tuesday).' },
  ])
  const by: Actor = { via: 'device' }
  const turned = (at: number, from: number, to: number) =>
    entry(at, { by, values: { manual_floor_setpoint: { from, to } } }, 'changed_at_device')
  t.match(kept(turned(0, 20, 22), turned(30_000, 22, 23)), [{ message: /^Somebody at the device.* from 20 to 23\.$/ }])
})

t.test('who it was, as the beginning of a sentence', async (t) => {
  const rows: readonly (readonly [Actor, string])[] = [
    [OLENA, 'Olena'],
    [{ via: 'token', name: 'grafana' }, 'API token “grafana”'],
    [{ via: 'command_line', name: 'pi' }, 'The command line (pi)'],
    [{ via: 'home_assistant' }, 'Home Assistant'],
    [{ via: 'homie', house: 'away' }, 'Homie (mode of the house: away)'],
    [{ via: 'bridge', why: 'boost_ends' }, 'The bridge (at the end of a boost)'],
    [{ via: 'bridge', house: 'normal' }, 'The bridge (mode of the house: back to normal)'],
  ]
  t.strictSame(
    rows.map(([actor]) => called(actor)),
    rows.map(([, sentence]) => sentence),
  )
})

t.test('rounded, and replaced by a later command', async (t) => {
  const message = (values: object) => sentenceOf({ by: OLENA, what: 'set', values })
  t.equal(message({ a: { from: 20, to: 24, asked: 24.3 } }), 'Olena set a from 20 to 24 (asked for 24.3).')
  t.equal(message({ a: { asked: true } }), 'Olena set a to true, which a later command has replaced.')
  t.equal(message({ a: { from: 21, to: 21 } }), 'Olena set a to 21.')
})
