import { useEffect, useRef, useState } from 'preact/hooks'
import type { Account } from '../../api/types.ts'
import { type Failure, failureOf } from '../../state/house.ts'
import { usePage } from '../hooks/context.ts'
import { repeatedly } from '../hooks/repeatedly.ts'
import { useTask } from '../hooks/use-task.ts'
import { Field, filled, useForm } from '../parts/fields.tsx'
import { FailureNotice, Status } from '../parts/notice.tsx'
import { PageTitle } from '../parts/page-title.tsx'
import { HeldKeys } from './held-keys.tsx'
import { ADDRESSES, ManageAccount } from './manage-account.tsx'
import { CodeForm, SignInForm } from './sign-in.tsx'
import { type UsedSettings, useSettings } from './use-settings.ts'
import { useSignIn } from './use-sign-in.ts'

/**
 * Milliseconds between two requests while the page is open, since not every change of an account is reported. Signing in is
 * watched closely.
 */
const AGAIN_MS = 3000
const SOON_MS = 700

export function Accounts() {
  const { texts } = usePage()
  const used = useSettings()
  return (
    <>
      <PageTitle>{texts.say('accounts.title')}</PageTitle>
      <AccountList used={used} none={texts.say('accounts.none')} withKeys />
      {used.settings && (
        <section class="panel narrow" aria-label={texts.say('setup.addAccount')}>
          <details>
            <summary>
              <h2>{texts.say('setup.addAccount')}</h2>
            </summary>
            <NewAccount used={used} />
          </details>
          <p>
            <a href="#/setup/account">{texts.say('setup.begin')}</a>
          </p>
        </section>
      )}
    </>
  )
}

interface AccountListProps {
  readonly used: UsedSettings
  /** What to say when there is no account. */
  readonly none?: string
  readonly withKeys?: boolean
}

export function AccountList({ used, none, withKeys = false }: AccountListProps) {
  const { client } = usePage()
  const [accounts, setAccounts] = useState<readonly Account[] | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const underWay = accounts?.some(({ state }) => state === 'signing_in' || state === 'signed_out')
  // Requested at once when the accounts in the settings change.
  useEffect(() => {
    const ask = () => client.get<{ accounts: Account[] }>('/api/v1/cloud/accounts')
    const take = (answer: { accounts: Account[] }) => setAccounts(answer.accounts)
    return repeatedly(underWay ? SOON_MS : AGAIN_MS, ask, take, (error) => setFailure(failureOf(error)))
  }, [client, used.settings, underWay])
  const replace = (account: Account) =>
    setAccounts((all) => (all ?? []).map((other) => (other.id === account.id ? account : other)))
  return (
    <>
      {accounts === null && failure && <FailureNotice failure={failure} />}
      {accounts?.length === 0 && none && <p>{none}</p>}
      <div class="cards">
        {(accounts ?? []).map((account) => (
          <AccountCard key={account.id} account={account} replace={replace} used={used} />
        ))}
      </div>
      {withKeys && <HeldKeys again={(accounts ?? []).map(({ last_sync: synced }) => synced).join()} />}
    </>
  )
}

interface AccountProps {
  readonly account: Account
  readonly replace: (account: Account) => void
  readonly used: UsedSettings
}

function AccountCard({ account, replace, used }: AccountProps) {
  const { texts, client } = usePage()
  const task = useTask()
  const { id, provider, state, devices, last_sync: lastSync, lists_devices: lists, error } = account
  const post = (what: string, body?: unknown) =>
    task.run(async () => {
      replace(await client.send<Account>('POST', `/api/v1/cloud/accounts/${encodeURIComponent(id)}/${what}`, body))
    })
  return (
    <article class="card" aria-labelledby={`account-${id}`}>
      <h2 id={`account-${id}`}>{id}</h2>
      <p class="small">{labelOf(provider)}</p>
      <p role="status">
        <span class={`state ${state}`}>{texts.lookUp('account', state)}</span>
      </p>
      {state === 'ready' && !lists && <p class="notice warn">{texts.say('accounts.noList')}</p>}
      <p>
        {texts.say('accounts.devices', { count: devices })}
        <span class="small block">{texts.say('accounts.lastSync', { time: texts.time(lastSync) })}</span>
      </p>
      {error && state !== 'code_needed' && <FailureNotice failure={error} />}
      {state === 'code_needed' && (
        <CodeForm from={account.code_from} busy={task.busy} submit={(code) => post('code', { code })} />
      )}
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
      <ManageAccount account={account} used={used} />
    </article>
  )
}

const PROVIDERS = {
  terneo: 'Terneo',
  welrok: 'Welrok',
  bearer: 'Bearer (REST)',
  omnitron: 'Omnitron (REST)',
  txty: 'txty',
} as const
const labelOf = (provider: string): string =>
  Object.entries(PROVIDERS).find(([name]) => name === provider)?.[1] ?? provider
/** Providers without a known server address, and without a known device list. */
const NAMELESS: readonly string[] = ['bearer', 'omnitron']
const LISTLESS: readonly string[] = ['bearer', 'omnitron', 'txty']

/** Signs an account in, and adds it. */
export function NewAccount({ used }: { used: UsedSettings }) {
  const { texts } = usePage()
  const { typed, type, clear } = useForm({ provider: 'terneo' })
  const [insecure, setInsecure] = useState(false)
  const signIn = useSignIn(used)
  // What may be wrong is open to be corrected, and stays so.
  const failed = useRef(false)
  failed.current ||= signIn.task.failure !== null
  const provider = typed.provider ?? ''
  const listless = LISTLESS.includes(provider)
  const typing = { typed, type, id: 'new' }
  const submit = () =>
    signIn.begin(
      'POST',
      'cloud/accounts',
      {
        ...filled(typed, 'provider', 'id', 'username', 'url', 'totp_secret'),
        // Spaces may be part of it.
        password: typed.password,
        ...(insecure ? { allow_insecure: true } : {}),
        ...(listless && typed.path?.trim() ? { devices: filled(typed, 'path', 'items') } : {}),
      },
      clear,
    )
  const url = (
    <Field
      name="url"
      label="setup.url"
      {...typing}
      {...(NAMELESS.includes(provider) ? { required: true } : URL_HINT)}
      suggestions={ADDRESSES[provider] ?? []}
      plain
    />
  )
  return (
    <SignInForm signIn={signIn} submit={submit} label={texts.say('setup.signIn')} primary>
      <label>
        {texts.say('setup.provider')}
        <select value={provider} onChange={(event) => type('provider', event.currentTarget.value)}>
          {Object.entries(PROVIDERS).map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {NAMELESS.includes(provider) && url}
      <Field name="username" label="setup.username" {...typing} required plain />
      <Field name="password" label="setup.password" {...typing} required secret />
      <details open={failed.current}>
        <summary>{texts.say('setup.more')}</summary>
        {!NAMELESS.includes(provider) && url}
        <Field name="totp_secret" label="setup.totpSecret" hint="setup.totpHint" {...typing} secret />
        <Field name="id" label="setup.id" {...typing} plain />
        {listless && <Field name="path" label="setup.listPath" {...typing} plain />}
        <label class="check">
          <input
            type="checkbox"
            checked={insecure}
            onChange={({ currentTarget: { checked } }) => setInsecure(checked)}
          />
          {texts.say('setup.insecure')}
        </label>
      </details>
    </SignInForm>
  )
}

const URL_HINT = { hint: 'setup.urlHint' } as const
