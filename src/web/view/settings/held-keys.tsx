import { useCallback, useEffect, useState } from 'preact/hooks'
import type { Device, HeldKeyJson } from '../../api/types.ts'
import { byName } from '../../state/list.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice } from '../parts/notice.tsx'

/** The stored keys; requested again when `again` changes. */
function useKeys(again: unknown) {
  const { client } = usePage()
  const [keys, setKeys] = useState<readonly HeldKeyJson[] | null>(null)
  const task = useTask()
  const look = useCallback(async () => {
    setKeys(byName((await client.get<{ keys: HeldKeyJson[] }>('/api/v1/keys')).keys))
  }, [client])
  useEffect(() => task.run(look), [look, again])
  return { keys, failure: task.failure }
}

function useWords() {
  const { texts } = usePage()
  return {
    source: ({ source }: HeldKeyJson) =>
      texts.say('keys.from', { source: source === 'config' ? texts.say('keys.config') : source }),
    since: ({ since }: HeldKeyJson) => (since === null ? '' : texts.say('keys.since', { time: texts.time(since) })),
    /** Whether the device accepts it, and what to do if not. */
    state: ({ refused, used, last_accepted: accepted }: HeldKeyJson) => {
      if (refused) return texts.say('keys.refused')
      if (!used) return texts.say('keys.spare')
      return accepted === null ? texts.say('keys.notYet') : texts.say('keys.accepted', { time: texts.time(accepted) })
    },
  }
}

/** All stored keys, masked. */
export function HeldKeys({ again }: { again: unknown }) {
  const { texts } = usePage()
  const { keys, failure } = useKeys(again)
  const words = useWords()
  return (
    <section class="panel" aria-label={texts.say('keys.title')}>
      <h2>{texts.say('keys.title')}</h2>
      <p class="small">{texts.say('keys.text')}</p>
      {keys?.length === 0 && <p>{texts.say('keys.none')}</p>}
      <ul class="list">
        {(keys ?? []).map((key) => (
          <li key={`${key.serial} ${key.source}`}>
            <span>
              <a href={`#/devices/${encodeURIComponent(key.serial)}`}>{key.name}</a> <code>{key.masked}</code>
              <span class="small block">
                {words.source(key)} {words.since(key)}
              </span>
              <span class={key.refused ? 'small block bad' : 'small block'}>{words.state(key)}</span>
            </span>
          </li>
        ))}
      </ul>
      {failure && <FailureNotice failure={failure} />}
    </section>
  )
}

/** The signing key of one device, in plain words. */
export function KeyState({ device }: { device: Device }) {
  const { texts } = usePage()
  const { health, serial } = device
  const { keys } = useKeys(`${health.key_source} ${health.error?.code} ${health.counter_base}`)
  const words = useWords()
  const own = keys?.find((key) => key.serial === serial && key.used)
  if (health.key_source === null) {
    return (
      <>
        <p>{texts.say('device.keyMissing')}</p>
        <p>{texts.say('device.keyHow')}</p>
      </>
    )
  }
  const source = health.key_source === 'config' ? texts.say('keys.config') : health.key_source
  return (
    <>
      <p>
        {texts.say('device.keyHeld', { source })}
        {own && <span class="small block">{words.since(own)}</span>}
      </p>
      {own && <p class={own.refused ? 'bad' : ''}>{words.state(own)}</p>}
    </>
  )
}
