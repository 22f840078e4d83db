/** The mode of the house, of a room, and what came of it for each device. */
import { useEffect, useState } from 'preact/hooks'
import type { House, HouseMode as Mode, Outcome, Room, WholeHouse } from '../../api/types.ts'
import { byName } from '../../state/list.ts'
import { AwayLengths, Lengths } from '../card/presets.tsx'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice, Status } from '../parts/notice.tsx'
import { Locked } from '../parts/rights.tsx'
import { Sure } from '../parts/sure.tsx'

const MODES = ['normal', 'away', 'frost_protection', 'off'] as const satisfies readonly Mode[]

export function HouseMode() {
  const { texts, house } = usePage()
  const whole = house.whole.value
  if (!whole) return null
  return (
    <section class="panel house-mode" aria-label={texts.say('mode.title')}>
      <Locked scope="control">
        <Modes room={null} now={whole} />
      </Locked>
      <Outcomes whole={whole} />
    </section>
  )
}

/** @param room null for the whole house */
export function Modes({ room, now }: { room: string | null; now: Pick<Room, 'mode' | 'until'> }) {
  const { texts, client } = usePage()
  const [open, setOpen] = useState<Mode | null>(null)
  const task = useTask()
  const where = room ?? texts.say('mode.house')
  const ask = (mode: Mode, until: string | null = null) => {
    setOpen(null)
    task.run(async () => {
      await client.send('PUT', '/api/v1/house/mode', { mode, until, ...(room === null ? {} : { room }) })
    })
  }
  return (
    <>
      <fieldset class="presets" aria-label={texts.say('mode.of', { where })}>
        <strong aria-hidden="true">{where}</strong>
        {MODES.map((mode) => (
          <button
            key={mode}
            type="button"
            class={now.mode === mode ? 'on' : ''}
            aria-pressed={now.mode === mode}
            {...(mode === 'normal' ? {} : { 'aria-expanded': open === mode })}
            disabled={task.busy}
            onClick={() => (mode === 'normal' ? ask(mode) : setOpen(open === mode ? null : mode))}
          >
            {texts.say(mode === 'normal' && now.mode !== 'normal' ? 'mode.back' : `mode.${mode}`)}
          </button>
        ))}
        {now.until !== null && (
          <span class="until away">{texts.say('mode.until', { time: texts.time(now.until) })}</span>
        )}
      </fieldset>
      {open === 'away' && (
        <Lengths label={texts.say('mode.how')}>
          <AwayLengths id={`house-${room ?? ''}`} device={null} choose={(end) => ask('away', end)} />
        </Lengths>
      )}
      {(open === 'off' || open === 'frost_protection') && (
        <Sure
          label={texts.say(`mode.${open}`)}
          yes={texts.say('mode.yes')}
          act={() => ask(open)}
          cancel={() => setOpen(null)}
        >
          {texts.say(`mode.sure.${open}`, { where })}
        </Sure>
      )}
      <Status>{task.busy ? texts.say('mode.asking') : ''}</Status>
      {task.failure && <FailureNotice failure={task.failure} title={texts.say('mode.failed')} />}
    </>
  )
}

/** How many devices have it, which have not and why, and each of them on demand. */
function Outcomes({ whole }: { whole: House }) {
  const { texts } = usePage()
  const { done, skipped: _, ...others } = whole.counts
  const troubles = others.waiting + others.failed + others.changed
  const some = troubles > 0 || (whole.mode !== 'normal' && done > 0)
  const devices = useOutcomes(whole, some)
  if (!some) return null
  const sorted = byName(devices)
  const missing = sorted.filter(({ outcome }) => outcome !== 'done' && outcome !== 'skipped')
  return (
    <>
      <div role="status">
        <p class="small">{texts.say('mode.done', { done, of: done + troubles })}</p>
        {missing.length > 0 && <OutcomeList outcomes={missing} />}
      </div>
      <details>
        <summary>{texts.say('mode.each')}</summary>
        <OutcomeList outcomes={sorted} />
      </details>
    </>
  )
}

/** What came of the mode for each device: asked for when that can be other than before, and not whenever another load is on. */
function useOutcomes({ power: _, power_unknown: __, ...rest }: House, some: boolean): readonly Outcome[] {
  const { client } = usePage()
  const [devices, setDevices] = useState<readonly Outcome[]>([])
  const about = JSON.stringify(rest)
  useEffect(() => {
    if (!some) return
    let stale = false
    const take = (answer: WholeHouse) => stale || setDevices(answer.devices)
    // After a failure the next news of the house asks again; a lost connection is said at the top of the page.
    client.get<WholeHouse>('/api/v1/house').then(take, () => undefined)
    return () => {
      stale = true
    }
  }, [client, about, some])
  return devices
}

function OutcomeList({ outcomes }: { outcomes: readonly Outcome[] }) {
  const { texts } = usePage()
  return (
    <ul class="outcomes">
      {outcomes.map(({ serial, name, outcome, error }) => (
        <li key={serial}>
          <a href={`#/devices/${serial}`}>{name}</a>: {texts.say(`mode.outcome.${outcome}`)}
          {error && <> {texts.lookUp('error', error.code)}</>}
        </li>
      ))}
    </ul>
  )
}
