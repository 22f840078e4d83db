/**
 * Small web servers are sloppy with HTTP. Each of these is taken by Python's `http.client` (`_read_status`, `begin`,
 * `_read_next_chunk_size`), with which owners' programs ask their thermostats, or by Chromium (`HttpStreamParser`,
 * `HttpUtil::LocateStartOfStatusLine`, `HttpUtil::LocateEndOfHeaders`), with which they look at them.
 */
import t from 'tap'
import { ResponseReader } from '../../../src/lan/exchange/response.ts'
import { SLOPPY_SERVERS, sloppyBytes } from '../../../src/simulator/index.ts'
import { errorOf, passing, setpoint, startRig } from '../support.ts'

t.test('every sloppy server is read and written to', async (t) => {
  const failed: string[] = []
  for (const sloppy of SLOPPY_SERVERS) {
    const { clock, device, unit } = await startRig(t, { lock: 'none', unit: { quirks: { sloppy } } })
    const error = await errorOf(
      clock,
      (async () => {
        await device.readParameters()
        await device.readTelemetry()
        await device.write(() => setpoint(231))
      })(),
    )
    if (error) failed.push(`${sloppy}: ${error.code} ${error.message}`)
    else if (unit.parameter(4) !== '231') failed.push(`${sloppy}: not written`)
  }
  t.same(failed, [])
})

t.test('with connections kept open as well', async (t) => {
  const failed: string[] = []
  for (const sloppy of SLOPPY_SERVERS) {
    const { clock, device } = await startRig(t, { unit: { quirks: { sloppy } }, device: { keepAlive: true } })
    await passing(clock, device.readTelemetry()).catch((error) => failed.push(`${sloppy}: ${error}`))
    await passing(clock, device.readTelemetry()).catch((error) => failed.push(`${sloppy}, again: ${error}`))
  }
  t.same(failed, [])
})

t.test('in whatever pieces it comes', async (t) => {
  const text = JSON.stringify({ sn: 'x', note: 'в Києві 21°' })
  const failed: string[] = []
  for (const sloppy of SLOPPY_SERVERS) {
    for (const size of [1, 2, 3, 7, 1000]) {
      const reader = new ResponseReader()
      const bytes = sloppyBytes(sloppy, text)
      let result: ReturnType<ResponseReader['push']>
      for (let at = 0; at < bytes.length && !result; at += size) result = reader.push(bytes.subarray(at, at + size))
      result ??= reader.end()
      if (!('text' in result) || result.text !== text) failed.push(`${sloppy} by ${size}: ${JSON.stringify(result)}`)
    }
  }
  t.same(failed, [])
})

t.test('a reply in single bytes costs no more than its bytes', async (t) => {
  const replies = [`HTTP/1.1 200 OK\r\n\r\n[${'{},'.repeat(20_000)}`, '\n'.repeat(60_000), '\r\n'.repeat(30_000)]
  for (const reply of replies) {
    const reader = new ResponseReader()
    const bytes = Buffer.from(reply)
    const begun = process.cpuUsage()
    const results = new Set<unknown>()
    for (let at = 0; at < bytes.length; at++) results.add(reader.push(bytes.subarray(at, at + 1)))
    t.same([...results], [undefined])
    const { user } = process.cpuUsage(begun)
    t.ok(user < 2e6, `${user / 1e3} ms of the processor`)
  }
})
