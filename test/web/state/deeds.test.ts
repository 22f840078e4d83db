import t from 'tap'
import { datapointsOf, modelWithId } from '../../../src/catalog/index.ts'
import type { Datapoint, LoggedEventJson } from '../../../src/web/api/types.ts'
import { LANGUAGES, type Language, Texts } from '../../../src/web/i18n/index.ts'
import { deedOf } from '../../../src/web/view/device/deeds.ts'

const POINTS = datapointsOf(modelWithId('ax')) as unknown as readonly Datapoint[]
const NOW = new Date().toISOString()
const OLENA = { via: 'user', name: 'Olena' }

const event = (details: Record<string, unknown>, type = 'command'): LoggedEventJson => ({
  ...{ id: 1, at: NOW, type, serial: 'A-1', account: null, message: 'in English' },
  details: { by: OLENA, what: 'set', about: Object.keys(Object(details.values)), ...details },
})

const setpoint = { values: { target_temperature: { from: 21, to: 24 } } }
const boost = { values: { preset: { from: 'none', to: 'boost' }, boost_minutes: { from: 30, to: 60 } } }
const failed = (details: Record<string, unknown>) => event({ reason: 'In detail.', ...details }, 'command_failed')

const ROWS: readonly (readonly [LoggedEventJson, string])[] = [
  [event(setpoint), 'Olena set the temperature from 21 °C to 24 °C.'],
  [event({ values: { child_lock: { from: false, to: true } } }), 'Olena set Child lock from no to yes.'],
  [event({ values: { mode: { from: 'off', to: 'auto' } } }), 'Olena set Mode from off to by schedule.'],
  [event({ values: { brightness: { from: 5, to: 5 } } }), 'Olena set Display brightness to 5.'],
  [
    event({ values: { target_temperature: { from: 21, to: 24, asked: 24.3 } } }),
    'Olena set the temperature from 21 °C to 24 °C (24.3 °C was asked for).',
  ],
  [
    event({ values: { target_temperature: { asked: 22 } } }),
    'Olena asked for the temperature 22 °C. A later command has replaced that.',
  ],
  [event({ ...boost, by: { via: 'home_assistant' } }), 'Home Assistant switched on boost for 1 hr.'],
  [event({ values: { preset: { from: 'none', to: 'boost' } } }), 'Olena switched on boost.'],
  [event({ what: 'action', about: ['restart'] }), 'Olena asked for: Restart.'],
  // As the button on the page says, which is another word than Home Assistant's.
  [event({ what: 'action', about: ['blink'] }), 'Olena asked for: Blink.'],
  [
    event({ what: 'schedule', about: ['schedule'], days: ['floor.monday', 'floor.friday'] }),
    'Olena changed the weekly schedule (Monday, Friday).',
  ],
  [
    failed({ by: { via: 'home_assistant' }, values: { preset: { asked: 'boost' } }, code: 'LOCKED_BOTH' }),
    'Home Assistant asked for Preset boost. Not done: The device refuses all commands. Unlock it at the device itself.',
  ],
  [
    event({ ...setpoint, by: { via: 'device' } }, 'changed_at_device'),
    'Somebody at the device or in its app set the temperature from 21 °C to 24 °C.',
  ],
  [
    event({ ...setpoint, by: { via: 'bridge', why: 'boost_ends' } }),
    'The bridge (end of the boost) set the temperature from 21 °C to 24 °C.',
  ],
  [
    event({ ...setpoint, by: { ...OLENA, house: 'away' } }),
    'Olena (with the mode “Away”) set the temperature from 21 °C to 24 °C.',
  ],
  [
    event({ ...setpoint, by: { via: 'token', name: '<b>' } }),
    'API token “<b>” set the temperature from 21 °C to 24 °C.',
  ],
]

t.test('who did what, in plain sentences', async (t) => {
  const texts = await Texts.in('en', ['en-GB'])
  t.strictSame(
    // A number and its unit stay on one line.
    ROWS.map(([row]) => deedOf(row, POINTS, texts)?.sentence.replaceAll('\u00a0', ' ')),
    ROWS.map(([, sentence]) => sentence),
  )
})

t.test('in every language, with every gap filled in', async (t) => {
  const wrong: string[] = []
  for (const { language } of LANGUAGES) {
    const texts = await Texts.in(language)
    for (const [row] of ROWS) {
      const sentence = deedOf({ ...row, details: { ...row.details, times: 2, since: 0 } }, POINTS, texts)
      const said = `${sentence?.sentence} ${sentence?.more}`
      if (/[{}]|undefined|null|[a-z]_[a-z]/.test(said) || (language !== 'en' && / (set|asked|since) /.test(said)))
        wrong.push(said)
    }
  }
  t.strictSame(wrong, [])
})

t.test('how often, in the form that the language has for it', async (t) => {
  const said = async (language: Language) => {
    const texts = await Texts.in(language)
    return [2, 5, 21].map((times) =>
      deedOf(event({ ...setpoint, times, since: 0 }), POINTS, texts)
        ?.more?.split(' ')
        .slice(0, 2)
        .join(' '),
    )
  }
  t.strictSame(await said('en'), ['2 times', '5 times', '21 times'])
  t.strictSame(await said('pl'), ['2 razy', '5 razy', '21 razy'])
  t.strictSame(await said('ru'), ['2 раза', '5 раз', '21 раз'])
  t.strictSame(await said('uk'), ['2 рази', '5 разів', '21 раз'])
})

t.test('how often, why in detail, and where it can be set right', async (t) => {
  const texts = await Texts.in('en', ['en-GB'])
  t.match(deedOf(event({ ...setpoint, times: 10, since: Date.now() }), POINTS, texts), {
    more: /^10 times since \d\d:\d\d$/,
    reason: null,
    remedy: null,
  })
  t.match(deedOf(failed({ code: 'KEY_MISSING' }), POINTS, texts), { reason: 'In detail.', remedy: 'accounts' })
})

t.test('what is no deed, is from before there were actors, or names what nobody knows', async (t) => {
  const texts = await Texts.in('en')
  t.equal(deedOf(event({}, 'fault_began'), POINTS, texts), null)
  t.equal(deedOf(event({ by: undefined }, 'command_failed'), POINTS, texts), null)
  const odd = event({ by: { via: 'telepathy' }, values: { gone: { from: 1, to: 2 } } })
  t.equal(deedOf(odd, [], texts)?.sentence, 'telepathy set gone from 1 to 2.')
  t.equal(
    deedOf({ ...odd, details: { by: {} } }, [], texts)?.sentence,
    'A user asked for –. A later command has replaced that.',
  )
})
