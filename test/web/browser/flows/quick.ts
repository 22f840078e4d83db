/** How quickly the page draws a large house and reacts in it, on a processor at a quarter of the speed of this one. */
import type { CDPSession, Page } from 'playwright-core'
import type { Test } from 'tap'
import { eventually } from '../../../support/e2e.ts'
import type { FakeDevices } from '../../../support/fake-bridge.ts'

export interface Crowd {
  readonly devices: FakeDevices
  /** How many there are. */
  readonly many: number
  /** The serial of one that nobody presses. */
  readonly one: string
}

/** So much slower than this machine the processor is that the page has to be quick on. */
const SLOWER = 4
/** Milliseconds of such a processor: 100 are promised, and the wait for the next frame may take 17 of them. Drawing all rows at once takes more. */
const QUICK = 83
/** And for what comes by itself, many times a minute. */
const NEWS = 60
/** What the sample below takes on the machine that this was written on; slower ones get more time. */
const SAMPLE = 4.6
/** Each is done so often, and the fastest counts. Even, so that what is undone in turn ends undone. */
const TIMES = 8
const ROUNDS = 5

/**
 * Milliseconds of work of the page's thread up to the frame that shows an act, and in the longest task until nothing moves any
 * more. It is the time that the thread had the processor: what other programs take of the machine is not in it.
 */
interface Took {
  readonly shown: number
  readonly longest: number
}

const SEARCH = `document.querySelector('input[type=search]')`
const typed = (text: string) => `
  ${SEARCH}.value = '${text}'
  ${SEARCH}.dispatchEvent(new Event('input', { bubbles: true }))`

/** What is done in the page, what has to be so before, and when it is over. */
interface Act {
  readonly before?: string
  readonly act: string
  readonly over: (many: number) => string
}

const rows = `document.querySelectorAll('.device-row').length`
const all = (many: number) => `${rows} === ${many}`

const ACTS: Readonly<Record<string, Act>> = {
  'the house is opened': { before: `location.hash = '#/log'`, act: `location.hash = '#/'`, over: all },
  'all are shown again': { before: typed('nothing is called so'), act: typed(''), over: all },
  'a letter is typed': { before: typed(''), act: typed('room 9'), over: () => `${rows} === 19` },
  'none is found': { before: typed(''), act: typed('nothing is called so'), over: () => `${rows} === 0` },
  'a setpoint is pressed': {
    before: typed(''),
    act: `document.querySelectorAll('.device-row .round')[1 + 2 * i].click()`,
    over: () => 'true',
  },
}

export async function isQuick(t: Test, page: Page, crowd: Crowd): Promise<void> {
  const hand = await page.context().newCDPSession(page)
  t.teardown(() => hand.detach())
  const run = (script: string) => traced(hand, () => page.evaluate(script))
  for (const [what, act] of Object.entries(ACTS)) {
    const { shown, longest, scale } = await fastest(
      run,
      (took) => took.shown < QUICK && took.longest < QUICK,
      async () => timesIn(await run(timed(act, crowd.many))),
    )
    const said = `${what}: shown in ${shown.toFixed(0)} ms, longest task ${longest.toFixed(0)} ms`
    t.ok(shown < QUICK && longest < QUICK, `${said}, of a machine ${scale.toFixed(1)} times slower than written for`)
    await eventually('the presses are answered', async () => (await page.locator('.pending').count()) === 0)
  }
  const { shown } = await fastest(
    run,
    ({ shown }) => shown < NEWS,
    () => live(page, hand, crowd),
  )
  t.ok(shown < NEWS, `news of one: ${shown.toFixed(0)} ms of work`)
}

type Run = (script: string) => Promise<readonly TraceEvent[]>

/** The least of several, in milliseconds of a quarter of the machine that this was written on. */
async function fastest(run: Run, enough: (took: Took) => boolean, once: () => Promise<Took>) {
  let least = { shown: Infinity, longest: Infinity, scale: 1 }
  for (let round = 0; round < ROUNDS && !enough(least); round++) {
    const scale = Math.max(1, timesIn(await run(SAMPLES)).shown / SAMPLE)
    const { shown, longest } = await once()
    least = {
      shown: Math.min(least.shown, (shown * SLOWER) / scale),
      longest: Math.min(least.longest, (longest * SLOWER) / scale),
      scale,
    }
  }
  return least
}

/** Work that is always the same, and like that of the page: how fast the machine draws just now. */
const SAMPLES = `(async () => {
    for (let time = 0; time < ${TIMES}; time++) {
      performance.mark('begun')
      const shelf = document.createElement('div')
      for (let i = 0; i < 300; i++) {
        const row = shelf.appendChild(document.createElement('div'))
        for (const text of ['one', 'two', 'three']) row.appendChild(document.createElement('span')).textContent = text + i
      }
      document.body.appendChild(shelf)
      const height = shelf.offsetHeight
      shelf.remove()
      performance.mark('shown', { detail: height })
      await new Promise((resolve) => setTimeout(resolve))
      performance.mark('over')
    }
  })()`

/** From the act to the end of the frame that shows it, and on until nothing moves any more. */
const timed = ({ before = '', act, over }: Act, many: number): string => `(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
    for (let i = 0; i < ${TIMES}; i++) {
      ${before}
      for (let n = 0; n < 10; n++) await frame()
      const changed = new Promise((resolve) => {
        const observer = new MutationObserver(() => { observer.disconnect(); resolve() })
        observer.observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true, attributes: true })
      })
      performance.mark('begun')
      ${act}
      await changed
      await frame()
      performance.mark('shown')
      for (let frames = 0; !(${over(many)}); frames++) {
        if (frames > 1000) throw new Error('it is never over')
        await frame()
      }
      await frame()
      await frame()
      performance.mark('over')
    }
  })()`

/** What the browser notes while it works; times are in microseconds, those with two t in ones of the thread on a processor. */
interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur?: number
  readonly tts?: number
  readonly tdur?: number
}

async function traced(hand: CDPSession, work: () => Promise<unknown>): Promise<readonly TraceEvent[]> {
  const events: TraceEvent[] = []
  const take = ({ value }: { value: readonly object[] }) => events.push(...(value as TraceEvent[]))
  hand.on('Tracing.dataCollected', take)
  const traceConfig = { includedCategories: ['blink.user_timing', 'toplevel'], excludedCategories: ['*'] }
  await hand.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig })
  await work()
  const complete = new Promise((resolve) => hand.once('Tracing.tracingComplete', resolve))
  await hand.send('Tracing.end')
  await complete
  hand.off('Tracing.dataCollected', take)
  return events.sort((one, other) => one.ts - other.ts)
}

/** The least of all that were marked. */
function timesIn(events: readonly TraceEvent[]): Took {
  const marked = (name: string) => events.filter((event) => event.name === name && event.tts !== undefined)
  const [shown, over] = [marked('shown'), marked('over')]
  const took = marked('begun').map((begun, time) => {
    const end = over[time]?.ts ?? Number.NaN
    const tasks = events.filter(
      ({ name, pid, tid, ts, dur = 0 }) =>
        name === 'ThreadControllerImpl::RunTask' &&
        pid === begun.pid &&
        tid === begun.tid &&
        ts + dur > begun.ts &&
        ts < end,
    )
    return {
      shown: ((shown[time]?.tts ?? Number.NaN) - (begun.tts ?? Number.NaN)) / 1000,
      longest: Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000,
    }
  })
  if (took.length !== TIMES || took.some(({ shown, longest }) => !(shown > 0 && longest > 0)))
    throw new Error(`the browser has not noted how long its thread worked: ${JSON.stringify(took)}`)
  return {
    shown: Math.min(...took.map(({ shown }) => shown)),
    longest: Math.min(...took.map(({ longest }) => longest)),
  }
}

/** The work for the news of one device, by the browser's own account of its tasks. */
async function live(page: Page, hand: CDPSession, { devices, one }: Crowd): Promise<Took> {
  await hand.send('Performance.enable', { timeDomain: 'threadTicks' })
  const worked = async () => {
    const { metrics } = await hand.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000
  }
  let shown = Number.POSITIVE_INFINITY
  for (let time = 0; time < TIMES; time++) {
    const before = await worked()
    devices.update(one, { state: { current_temperature: 40 + time } })
    await page.getByText(`${40 + time}.0`, { exact: true }).waitFor()
    shown = Math.min(shown, (await worked()) - before)
  }
  return { shown, longest: 0 }
}
