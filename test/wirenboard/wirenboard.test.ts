import t, { type Test } from 'tap'
import { datapointsOf, MODELS } from '../../src/catalog/index.ts'
import { Mirror } from '../../src/conventions/index.ts'
import { BridgeError } from '../../src/core/errors.ts'
import { createLogger } from '../../src/core/logging/logger.ts'
import { SecretValues } from '../../src/core/logging/secrets.ts'
import { ACTIONS } from '../../src/devices/ports.ts'
import { wirenBoard } from '../../src/wirenboard/index.ts'
import { FakePort } from '../homeassistant/manager/fake-port.ts'
import { WirenBoardController } from '../support/contracts/wirenboard-contract.ts'
import { EXAMPLE_SERIAL, exampleView, FakeBridge, FakeDevices } from '../support/fake-bridge.ts'
import { FakeClock } from '../support/fake-clock.ts'

const logger = createLogger({ level: 'silent', secrets: new SecretValues(), write: () => undefined })
const BRIDGE = '/devices/thermo2mqtt'
const DEVICE = `${BRIDGE}_${EXAMPLE_SERIAL.toLowerCase()}`

function start(t: Pick<Test, 'teardown'>, models: readonly string[] = ['oz'], port = new FakePort()) {
  const clock = new FakeClock()
  const devices = new FakeDevices()
  const serial = (index: number) => (models.length === 1 ? EXAMPLE_SERIAL : `${EXAMPLE_SERIAL.slice(0, -1)}${index}`)
  for (const [index, model] of models.entries()) devices.add(exampleView(model, { serial: serial(index) }))
  const convention = wirenBoard({ prefix: 'thermo2mqtt' })
  const bridge = new FakeBridge(devices)
  const mirror = new Mirror({ enabled: true, convention, mqtt: port, devices, bridge, clock, logger })
  mirror.start()
  t.teardown(() => mirror.stop())
  return { clock, devices, port, mirror }
}

function heard({ sent }: FakePort): WirenBoardController {
  const controller = new WirenBoardController()
  for (const { topic, payload, how } of sent) controller.hear(topic, payload, how !== 'publish')
  return controller
}

const shown = (port: FakePort, topic: string) => port.kept.get(`${DEVICE}/${topic}`)

t.test('everything that is published of every model is what the conventions allow', async (t) => {
  const { port, devices, clock } = start(
    t,
    MODELS.map(({ id }) => id),
  )
  port.connect()
  for (const [index, view] of devices.list().entries()) {
    devices.update(view.serial, { state: { control_type: 'air', cooling: true, mode: 'cool', overheated: true } })
    devices.update(view.serial, { name: `Кімната ${index}`, online: index % 2 === 0 })
  }
  await clock.advance(2_000)
  const controller = heard(port)
  t.strictSame(controller.finish(), [])
  t.equal(controller.devices.size, MODELS.length + 1)
  t.strictSame(devices.failures, [])
  for (const { serial, state } of devices.list()) {
    devices.update(serial, { state: Object.fromEntries(Object.keys(state).map((key) => [key, null])) })
  }
  t.strictSame(heard(port).finish(), [])
})

t.test('no action has the name of a row', async (t) => {
  const keys = new Set(MODELS.flatMap((model) => datapointsOf(model).map(({ key }) => key)))
  t.strictSame(
    ACTIONS.filter((action) => keys.has(action)),
    [],
  )
})

t.test('a control says what its row says, in all languages', async (t) => {
  const { port } = start(t)
  port.connect()
  const meta = (key: string) => JSON.parse(shown(port, `controls/${key}/meta`) ?? '{}')
  t.match(meta('brightness'), { type: 'value', min: 0, max: 10, precision: 1, readonly: false })
  t.strictSame(meta('brightness').title, {
    en: 'Display brightness',
    uk: 'Яскравість екрана',
    ru: 'Яркость экрана',
    pl: 'Jasność wyświetlacza',
    de: 'Helligkeit der Anzeige',
  })
  t.match(meta('current_temperature'), { type: 'value', units: 'deg C', readonly: true })
  t.match([meta('overheated'), meta('problem')], [{ type: 'alarm', readonly: true }, { type: 'alarm' }])
  t.match(meta('child_lock'), { type: 'switch', readonly: false })
  t.match(meta('control_type').enum, { air_floor_limits: { en: 'air within floor limits', uk: String, ru: String } })
  t.match(meta('blink'), { type: 'pushbutton', title: { uk: 'Упізнати' } })
  t.strictSame(
    ['type', 'readonly', 'min', 'max'].map((field) => shown(port, `controls/brightness/meta/${field}`)),
    ['value', '0', '0', '10'],
  )
  t.equal(shown(port, 'meta/name'), 'Bathroom')
  t.match(JSON.parse(shown(port, 'meta') ?? ''), { driver: 'thermo2mqtt', title: { en: 'Bathroom' } })
  t.strictSame([shown(port, 'controls/child_lock'), shown(port, 'controls/target_temperature')], ['0', '24'])
  t.equal(port.kept.get(`${BRIDGE}/controls/online`), '1')
  t.strictSame([...port.wills], [[`${BRIDGE}/meta/error`, 'r']])
})

t.test('errors: r while it does not answer, w until a write succeeds', async (t) => {
  const { port, devices, mirror } = start(t)
  port.connect()
  const error = () => [shown(port, 'meta/error'), shown(port, 'controls/brightness/meta/error')]
  t.strictSame(error(), ['', ''], 'what an earlier run may have left is cleared')
  devices.update(EXAMPLE_SERIAL, { online: false })
  t.strictSame(error(), ['r', 'r'])
  t.equal(shown(port, 'controls/brightness'), '0', 'the last good value stays')

  devices.onSet = () => Promise.reject(new BridgeError('DEVICE_UNREACHABLE', 'gone'))
  port.receive(`${DEVICE}/controls/brightness/on`, '5')
  await new Promise(setImmediate)
  t.strictSame(error(), ['r', 'rw'])
  const sent = port.sent.length
  devices.update(EXAMPLE_SERIAL, { state: { ...devices.get(EXAMPLE_SERIAL)?.state, brightness: 4 } })
  t.equal(shown(port, 'controls/brightness'), '0', 'a new value waits until the error is over')
  devices.update(EXAMPLE_SERIAL, { online: true })
  t.strictSame(error(), ['', 'w'])
  const order = port.sent.slice(sent).map(({ topic }) => topic)
  t.ok(order.indexOf(`${DEVICE}/meta/error`) < order.indexOf(`${DEVICE}/controls/brightness`))
  t.equal(shown(port, 'controls/brightness'), '4')
  devices.onSet = () => ({ before: {}, state: {}, rounded: {}, superseded: [] })
  port.receive(`${DEVICE}/controls/brightness/on`, '5')
  await new Promise(setImmediate)
  t.strictSame(error(), ['', ''])
  mirror.stop()
  t.strictSame(error(), ['r', ''], 'one word for the whole device on the way out')
  t.strictSame(heard(port).finish(), [])
})

t.test('orders go to the devices; what the conventions do not allow changes nothing', async (t) => {
  const { port, devices } = start(t)
  port.connect()
  port.receive(`${DEVICE}/controls/child_lock/on`, '1')
  port.receive(`${DEVICE}/controls/target_temperature/on`, '25')
  port.receive(`${DEVICE}/controls/mode/on`, 'auto')
  port.receive(`${DEVICE}/controls/restart/on`, '1')
  await new Promise(setImmediate)
  const orders = [{ child_lock: true }, { target_temperature: 25 }, { mode: 'auto' }, 'restart']
  t.strictSame(
    devices.calls.map(({ argument }) => argument),
    orders,
  )
  t.strictSame(devices.actors.splice(0), Array(orders.length).fill({ via: 'wirenboard' }), 'the log says from where')
  port.sent.length = 0
  const bad = [
    ['child_lock', 'true'],
    ['child_lock', '2'],
    ['target_temperature', 'warm'],
    ['target_temperature', ''],
    ['target_temperature', 'Infinity'],
    ['restart', '0'],
    ['current_temperature', '20'],
    ['nothing', '1'],
  ] as const
  for (const [control, payload] of bad) port.receive(`${DEVICE}/controls/${control}/on`, payload)
  port.receive(`${DEVICE}/controls/mode/on`, 'off', true)
  t.equal(devices.calls.length, orders.length)
  t.strictSame([...new Set(devices.actors.map(({ via }) => via))], ['wirenboard'], 'of what is refused too')
  t.equal(port.on(`${DEVICE}/controls/target_temperature`).at(-1)?.payload, '25', 'the true value again')
})

t.test('a device that goes takes all its topics with it, also one that went while the bridge was away', async (t) => {
  const { port, devices, mirror } = start(t)
  port.connect()
  const left = (of: FakePort) => [...of.kept].filter(([topic, text]) => topic.startsWith(`${DEVICE}/`) && text !== '')
  const before = left(port)
  mirror.stop()
  devices.remove(EXAMPLE_SERIAL)
  t.ok(before.length > 300)

  const again = new FakePort()
  for (const [topic, text] of before) again.kept.set(topic, text)
  again.kept.set('/devices/thermo2mqtt_other/meta', '{"driver":"somebody"}')
  const { clock } = start(t, [], again)
  again.connect()
  await clock.advance(61_000)
  t.strictSame(left(again), [])
  t.equal(again.kept.get('/devices/thermo2mqtt_other/meta'), '{"driver":"somebody"}')

  const present = start(t)
  present.port.connect()
  present.devices.remove(EXAMPLE_SERIAL)
  t.strictSame(left(present.port), [])
})
