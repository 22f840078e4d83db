/** Disks that are full, slow or damaged, and clocks that jump. */
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { copiesOf } from '../../src/store/copies/index.ts'
import { accountsOf, devicesOf, eventually, startBridge } from '../support/e2e.ts'
import { FastClock } from '../support/fast-clock.ts'
import type { BridgeProcess } from './bridge-process.ts'
import { Count, type Effort, type Fault, unless } from './fault.ts'
import { first, pause, type Rig } from './rig.ts'

const root = process.getuid?.() === 0
const compiler = ['cc', 'gcc', 'clang'].find((name) => !spawnSync(name, ['--version']).error)

/** A folder on a disk of so many kB; undefined where this user may not mount one. */
function smallDisk(rig: Rig, kilobytes: number): string | undefined {
  const folder = join(rig.folder, 'disk')
  mkdirSync(folder)
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder]).status !== 0) return undefined
  rig.after(async () => execFileSync('umount', ['-l', folder]))
  return folder
}

async function obeys(bridge: BridgeProcess, serial: string, value: number): Promise<string | undefined> {
  const { status } = await bridge.rest('PATCH', `/api/v1/devices/${serial}/state`, { brightness: value })
  return unless(status === 200, `a command answers ${status}`)
}

async function full(rig: Rig, { times }: Effort) {
  const house = await rig.house({ thermostats: [{ model: 'ax' }] })
  const { serial } = first(house)
  const disk = smallDisk(rig, 16_384)
  if (!disk) throw new Error('this user may not mount a small disk: run it as root')
  const bridge = await rig.bridge(house, {}, { folder: join(disk, 'data') })
  await bridge.start()
  await bridge.online(serial)
  const count = new Count()
  for (let round = 0; round < 3 * times; round++) {
    const filler = join(disk, 'filler')
    spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k'])
    await pause(2_000)
    const while_ = await obeys(bridge, serial, 1 + round)
    execFileSync('rm', [filler])
    // Full at the moment of a crash: it starts again all the same.
    await bridge.kill()
    await bridge.start()
    await bridge.online(serial)
    count.take(while_, await obeys(bridge, serial, 2 + round))
  }
  return count.outcome
}

/** Makes every fsync of the bridge take two seconds, as a worn card does. */
function slowSync(rig: Rig): string {
  const source = join(rig.folder, 'slow.c')
  const library = join(rig.folder, 'slow.so')
  writeFileSync(
    source,
    '#include <unistd.h>\n#include <sys/syscall.h>\nint fsync(int f){sleep(2);return syscall(SYS_fsync,f);}\nint fdatasync(int f){sleep(2);return syscall(SYS_fdatasync,f);}\n',
  )
  execFileSync(compiler ?? 'cc', ['-shared', '-fPIC', '-o', library, source])
  return library
}

async function slow(rig: Rig, { times }: Effort) {
  const house = await rig.house({ thermostats: [{ model: 'ax' }, { model: 'oz' }] })
  const { serial } = first(house)
  const bridge = await rig.bridge(house, {}, { env: { LD_PRELOAD: slowSync(rig) } })
  bridge.launch()
  await eventually('it answers', async () => (await bridge.health()) === 200, 60_000)
  await bridge.online(serial)
  const count = new Count()
  let worst = 0
  for (let i = 0; i < 30 * times; i++) {
    void bridge.rest('PATCH', `/api/v1/devices/${serial}`, { name: `Room ${i}` }).catch(() => undefined)
    const began = performance.now()
    await bridge.health(30_000)
    worst = Math.max(worst, performance.now() - began)
    await pause(300)
  }
  count.take(unless(worst < 500, `/healthz took ${Math.round(worst)} ms`))
  return count.outcome
}

/** Ways in which a file of a database breaks. */
const DAMAGES: Readonly<Record<string, (path: string) => void>> = {
  'its first page overwritten': (path) => void writeSync(openSync(path, 'r+'), Buffer.alloc(4096, 0x55), 0, 4096, 0),
  'cut to half': (path) => execFileSync('truncate', ['-s', '20000', path]),
  empty: (path) => writeFileSync(path, ''),
}

async function damaged(rig: Rig) {
  const house = await rig.house({ thermostats: [{ model: 'ax' }] })
  const { serial } = first(house)
  const count = new Count()
  for (const [what, damage] of Object.entries(DAMAGES)) {
    const folder = join(rig.folder, `damaged-${count.tried}`)
    const bridge = await rig.bridge(house, {}, { folder })
    await bridge.start()
    await bridge.online(serial)
    const made = await bridge.rest('POST', '/api/v1/tokens', { name: 'kept', scopes: ['read'] })
    const token = String(made.body.token)
    const database = join(folder, 'thermo2mqtt.db')
    // The first one is made half a minute after the start.
    await eventually('there is a copy of the day', () => copiesOf(database).length > 0, 60_000)
    await bridge.stop()
    copyFileSync(database, join(rig.folder, 'sound.db'))
    damage(database)
    await bridge.start()
    await bridge.online(serial)
    const { status } = await bridge.rest('GET', '/api/v1/devices', undefined, token)
    const told = bridge.lines.some((line) => /"level":"(warn|error)"/.test(line) && /cop(y|ies)/i.test(line))
    count.take(
      unless(status === 200, `${what}: a token of before answers ${status}`),
      unless(told, `${what}: the log does not say what came in its place`),
      await obeys(bridge, serial, 4),
    )
    await bridge.stop()
  }
  return count.outcome
}

/** Wall clocks of hosts without a battery, and of people who set them. */
async function clock(rig: Rig) {
  const house = await rig.house({ thermostats: [{ model: 'ax' }] })
  const { serial } = first(house)
  const fast = new FastClock(20, Date.now())
  const bridge = await startBridge(rig.teardown, {
    clock: fast,
    settings: { cloud: { accounts: accountsOf(house) }, devices: devicesOf(house) },
  })
  await bridge.online(serial)
  const count = new Count()
  const years = 365 * 86_400_000
  for (const jump of [3_600_000, -7_200_000, 30 * years, -60 * years, 30 * years]) {
    fast.jumpWall(jump)
    const before = bridge.mqtt.latestState(serial).energy
    const result = await bridge.mqtt.command(serial, { brightness: 1 + count.tried })
    const after = bridge.mqtt.latestState(serial).energy
    count.take(
      unless(result.ok === true, `after a jump of ${jump / 3_600_000} h a command answers ${JSON.stringify(result)}`),
      unless(Number(after) >= Number(before), `energy fell from ${before} to ${after}`),
    )
  }
  return count.outcome
}

const noCompiler = compiler === undefined ? { skip: 'there is no C compiler' } : {}

export const DISK: readonly Fault[] = [
  {
    id: 'disk-full',
    what: 'a disk that is full, also in the moment of a crash: commands are carried out, and the bridge starts again',
    run: full,
    ...(root ? {} : { skip: 'only root may mount a small disk' }),
  },
  {
    id: 'disk-slow',
    what: 'a card that takes 2 s for each fsync, while things are stored: /healthz answers within 500 ms',
    run: slow,
    ...noCompiler,
  },
  {
    id: 'damaged',
    what: 'a damaged main database: a copy comes in its place, tokens of before hold, the log says so',
    run: damaged,
  },
  {
    id: 'clock',
    what: 'jumps of the wall clock by hours and decades, both ways: commands are signed right, energy never falls',
    run: clock,
  },
]
