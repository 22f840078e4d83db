import { useCallback, useEffect, useState } from 'preact/hooks'
import type { Account } from '../api/types.ts'
import { usePage } from './context.ts'
import { FailureNotice, Status } from './notice.tsx'
import { useTask } from './use-task.ts'

/** ms between two looks while the page is open: nothing tells of every change of an account. */
const AGAIN_MS = 3000

export function Accounts() {
  const { texts, client } = usePage()
  const [accounts, setAccounts] = useState<readonly Account[] | null>(null)
  const load = useTask()
  const look = useCallback(async () => {
    setAccounts((await client.get<{ accounts: Account[] }>('/api/v1/cloud/accounts')).accounts)
  }, [client])
  useEffect(() => {
    load.run(look)
    const id = setInterval(() => look().catch(() => undefined), AGAIN_MS)
    return () => clearInterval(id)
  }, [look])
  const replace = (account: Account) =>
    setAccounts((all) => (all ?? []).map((other) => (other.id === account.id ? account : other)))
  return (
    <>
      <h1>{texts.say('accounts.title')}</h1>
      {load.failure && <FailureNotice failure={load.failure} />}
      {accounts?.length === 0 && <p>{texts.say('accounts.none')}</p>}
      <div class="cards">
        {(accounts ?? []).map((account) => (
          <AccountCard key={account.id} account={account} replace={replace} />
        ))}
      </div>
    </>
  )
}

interface AccountProps {
  readonly account: Account
  readonly replace: (account: Account) => void
}

function AccountCard({ account, replace }: AccountProps) {
  const { texts, client } = usePage()
  const task = useTask()
  const { id, provider, state, devices, last_sync: lastSync, error } = account
  const post = (what: string, body?: unknown) =>
    task.run(async () => {
      replace(await client.send<Account>('POST', `/api/v1/cloud/accounts/${encodeURIComponent(id)}/${what}`, body))
    })
  return (
    <article class="card" aria-labelledby={`account-${id}`}>
      <h2 id={`account-${id}`}>{id}</h2>
      <p class="small">{provider}</p>
      <p role="status">
        <span class={`state ${state}`}>{texts.lookUp('account', state)}</span>
      </p>
      <p>
        {texts.say('accounts.devices', { count: devices })}
        <span class="small block">{texts.say('accounts.lastSync', { time: texts.time(lastSync) })}</span>
      </p>
      {error && state !== 'code_needed' && <FailureNotice failure={error} />}
      {state === 'code_needed' && <CodeEntry id={id} busy={task.busy} submit={(code) => post('code', { code })} />}
      <div class="row">
        <button type="button" disabled={task.busy} onClick={() => post('sync')}>
          {texts.say('accounts.sync')}
        </button>
        {state !== 'ready' && (
          <button type="button" disabled={task.busy} onClick={() => post('login')}>
            {texts.say('accounts.login')}
          </button>
        )}
      </div>
      <Status>{task.done ? texts.say('common.done') : ''}</Status>
      {task.failure && <FailureNotice failure={task.failure} title={texts.say('common.failed')} />}
    </article>
  )
}

function CodeEntry({ id, busy, submit }: { id: string; busy: boolean; submit: (code: string) => void }) {
  const { texts } = usePage()
  const [code, setCode] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        submit(code.trim())
      }}
    >
      <label>
        {texts.say('accounts.code')}
        <input
          value={code}
          onInput={(event) => setCode(event.currentTarget.value)}
          autocomplete="one-time-code"
          aria-describedby={`hint-${id}`}
          required
        />
      </label>
      <p class="small" id={`hint-${id}`}>
        {texts.say('accounts.codeHint')}
      </p>
      <button type="submit" class="primary" disabled={busy}>
        {texts.say('accounts.submit')}
      </button>
    </form>
  )
}
