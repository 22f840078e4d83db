import { useCallback, useEffect, useState } from 'preact/hooks'
import type { ApiTokenJson, NewApiTokenAnswer, Role } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice } from '../parts/notice.tsx'
import { RoleField } from './people.tsx'

/** Days that a token can be valid; 0 means forever. */
const LIVES = [0, 30, 365] as const
const DAY_MS = 86_400_000

interface Wanted {
  readonly name: string
  readonly role: Role
  readonly days: number
}

/** Tokens for automations: made, shown once, revoked. */
export function ApiTokens() {
  const { texts, client } = usePage()
  const [tokens, setTokens] = useState<readonly ApiTokenJson[]>([])
  const [made, setMade] = useState<string | null>(null)
  const task = useTask()
  const look = useCallback(async () => {
    setTokens((await client.get<{ tokens: ApiTokenJson[] }>('/api/v1/tokens')).tokens)
  }, [client])
  useEffect(() => task.run(look), [look])
  const make = ({ name, role, days }: Wanted) =>
    task.run(async () => {
      const expires = days === 0 ? null : new Date(Date.now() + days * DAY_MS).toISOString()
      const { token } = await client.send<NewApiTokenAnswer>('POST', '/api/v1/tokens', { name, role, expires })
      setMade(token)
      await look()
    })
  const revoke = (id: string) =>
    task.run(async () => {
      await client.send('DELETE', `/api/v1/tokens/${id}`)
      await look()
    })
  return (
    <section class="panel" aria-label={texts.say('security.tokens')}>
      <h2>{texts.say('security.tokens')}</h2>
      {tokens.length === 0 && <p>{texts.say('security.noTokens')}</p>}
      <ul class="list">
        {tokens.map(({ id, name, role, scopes, expires, last_used: used }) => (
          <li key={id}>
            <span>
              {name} ·{' '}
              {role ? texts.say(`role.${role}`) : scopes.map((scope) => texts.lookUp('scope', scope)).join(', ')}
              <span class="small block">
                {texts.say('security.lastUsed', { time: texts.time(used) })}
                {expires !== null && ` · ${texts.say('security.ends', { time: texts.time(expires) })}`}
              </span>
            </span>
            <button
              type="button"
              class="quiet"
              disabled={task.busy}
              aria-label={texts.say('security.tokenRevoke', { name })}
              onClick={() => revoke(id)}
            >
              {texts.say('security.tokenEnd')}
            </button>
          </li>
        ))}
      </ul>
      <div role="status">
        {made !== null && (
          <div class="notice good">
            {texts.say('security.tokenShown')} <code>{made}</code>
          </div>
        )}
      </div>
      <NewToken busy={task.busy} make={make} />
      {task.failure && <FailureNotice failure={task.failure} />}
    </section>
  )
}

function NewToken({ busy, make }: { busy: boolean; make: (wanted: Wanted) => void }) {
  const { texts } = usePage()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('look')
  const [days, setDays] = useState<number>(LIVES[0])
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        make({ name: name.trim(), role, days })
        setName('')
      }}
    >
      <label>
        {texts.say('security.tokenName')}
        <input value={name} maxLength={64} onInput={(event) => setName(event.currentTarget.value)} required />
      </label>
      <RoleField role={role} set={setRole} />
      <label>
        {texts.say('security.tokenLife')}
        <select value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
          {LIVES.map((each) => (
            <option key={each} value={each}>
              {texts.say(each === 0 ? 'security.forEver' : 'security.forDays', { days: each })}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" disabled={busy}>
        {texts.say('security.tokenMake')}
      </button>
    </form>
  )
}
