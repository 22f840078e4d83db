import t from 'tap'
import { Value } from 'typebox/value'
import { apiSchemas } from '../../../src/api/schemas/index.ts'
import { BridgeError } from '../../../src/core/errors.ts'
import type { ScheduleNow } from '../../../src/devices/ports.ts'
import { EXAMPLE_SERIAL, exampleView } from '../../support/fake-bridge.ts'
import { ask, codeOf, running } from '../support.ts'

const PATH = `/api/v1/devices/${EXAMPLE_SERIAL}/schedule`
const schemas = apiSchemas()
const day = [
  { time: '06:00', temperature: 30 },
  { time: '22:00', temperature: 'off' as const },
]
const week = { monday: day, tuesday: day, wednesday: day, thursday: day, friday: day, saturday: day, sunday: day }
const now: ScheduleNow = {
  kind: 'floor',
  followed: true,
  local_time: '2026-01-05T07:00:00',
  period: { day: 'monday', time: '06:00', temperature: 30 },
  next: { day: 'monday', time: '22:00', temperature: 'off', at: '2026-01-05T20:00:00Z' },
}

t.test('schedules', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  api.devices.add()
  const put = (path: string, body: unknown) =>
    ask(api.port, path, { method: 'PUT', body: typeof body === 'string' ? body : JSON.stringify(body) })

  t.test('before they are known', async (t) => {
    const { status, json } = await ask(api.port, PATH)
    t.same({ status, json }, { status: 200, json: { floor: null, air: null, now: null } })
    t.ok(Value.Check(schemas.schedule, json))
  })

  t.test('with the place in them, by themselves and with the device', async (t) => {
    api.devices.now = now
    api.devices.add(exampleView('oz', { schedule: { floor: week, air: null } }))
    const { json } = await ask(api.port, `${PATH}/`)
    t.same(json, { floor: week, air: null, now })
    t.ok(Value.Check(schemas.schedule, json))
    const device = await ask(api.port, `/api/v1/devices/${EXAMPLE_SERIAL}`)
    t.match(device.json, { schedule: { floor: week, air: null } })
    t.ok(Value.Check(schemas.device, device.json))
  })

  t.test('what GET answers can be sent back, and tells what was done', async (t) => {
    const rounded = { 'floor.monday.06:00': { asked: 30.4, set: 30 } }
    api.devices.onSetSchedule = (serial) => ({
      schedule: api.devices.schedule(serial),
      written: [{ kind: 'floor', day: 'monday' }],
      unchanged: [{ kind: 'floor', day: 'sunday' }],
      rounded,
    })
    const { status, json } = await put(PATH, { floor: week, air: null, now })
    t.equal(status, 200)
    t.same(json, {
      floor: week,
      air: null,
      now,
      written: [{ kind: 'floor', day: 'monday' }],
      unchanged: [{ kind: 'floor', day: 'sunday' }],
      rounded,
    })
    t.ok(Value.Check(schemas.scheduleResult, json))
    t.same(api.devices.calls.at(-1), {
      method: 'setSchedule',
      serial: EXAMPLE_SERIAL,
      argument: { floor: week, air: null },
    })
    t.ok(Value.Check(schemas.documentedScheduleCommand, { floor: { copy: { from: 'monday', to: ['sunday'] } } }))
  })

  t.test('what would be written, before it is', async (t) => {
    const { status, json } = await put(`${PATH}?dry_run=true`, { floor: week })
    t.equal(status, 200)
    t.ok(Value.Check(schemas.scheduleResult, json))
    const asked = { serial: EXAMPLE_SERIAL, argument: { floor: week } }
    t.same(api.devices.calls.at(-1), { method: 'planSchedule', ...asked })
    await put(`${PATH}?dry_run=false`, { floor: week })
    t.same(api.devices.calls.at(-1), { method: 'setSchedule', ...asked })
    for (const query of ['dry_run=1', 'dry_run=', 'dry_run=true&dry_run=true', 'dryrun=true']) {
      const { status, json } = await put(`${PATH}?${query}`, { floor: week })
      t.match([status, json], [400, { error: { code: 'BAD_REQUEST' } }], query)
    }
  })

  t.test('one day', async (t) => {
    const { status } = await put(`${PATH}/floor/friday`, day)
    t.equal(status, 200)
    t.match(api.devices.calls.at(-1), { method: 'setSchedule', argument: { floor: { friday: day } } })
    t.ok(Value.Check(schemas.documentedDay, day))
  })

  t.test('days that were not taken are named', async (t) => {
    const before = api.devices.onSetSchedule
    const details = {
      written: [{ kind: 'floor', day: 'monday' }],
      failed: [{ kind: 'floor', day: 'friday', code: 'NOT_APPLIED', message: 'No.' }],
    }
    api.devices.onSetSchedule = () => {
      throw new BridgeError('NOT_APPLIED', 'Not all.', { details })
    }
    const { status, json } = await put(PATH, { floor: week })
    t.equal(status, 409)
    t.same(json, { error: { code: 'NOT_APPLIED', message: 'Not all.', details } })
    api.devices.onSetSchedule = before
  })

  t.test('what is refused before any device hears of it', async (t) => {
    const calls = api.devices.calls.length
    const cases: readonly (readonly [string, string, number, string])[] = [
      [PATH, '', 400, 'BAD_REQUEST'],
      [PATH, 'x', 400, 'BAD_REQUEST'],
      [PATH, '{}', 400, 'BAD_REQUEST'],
      [PATH, '[]', 400, 'BAD_REQUEST'],
      [`${PATH}/floor/friday`, '{}', 400, 'BAD_REQUEST'],
      [`${PATH}/floor/friday`, '', 400, 'BAD_REQUEST'],
      [`${PATH}/floor/someday`, '[]', 400, 'BAD_REQUEST'],
      [`${PATH}/water/friday`, '[]', 400, 'BAD_REQUEST'],
      [`${PATH}/floor/..%2f..`, '[]', 400, 'BAD_REQUEST'],
      [`${PATH}/floor`, '[]', 404, 'BAD_REQUEST'],
      ['/api/v1/devices/NOBODY-1/schedule', '{"floor":{}}', 404, 'UNKNOWN_DEVICE'],
      ['/api/v1/devices/NOBODY-1/schedule/floor/monday', '[]', 404, 'UNKNOWN_DEVICE'],
    ]
    for (const [path, body, status, code] of cases) {
      const answer = await put(path, body)
      t.match({ status: answer.status, code: codeOf(answer) }, { status, code }, `${path} ${body}`)
    }
    t.equal((await ask(api.port, '/api/v1/devices/NOBODY-1/schedule')).status, 404)
    t.equal((await ask(api.port, PATH, { method: 'DELETE' })).status, 405)
    t.equal((await ask(api.port, PATH, { authorization: null })).status, 401)
    t.equal(api.devices.calls.length, calls)
  })
})
