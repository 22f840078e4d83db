/** What can be changed in an account added here, or where else it is set. */
import type { Account } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { Field, Fixed, filled, Outcome, RemoveButton, useForm } from '../parts/fields.tsx'
import { SignInForm } from './sign-in.tsx'
import type { UsedSettings } from './use-settings.ts'
import { useSignIn } from './use-sign-in.ts'

/** Addresses of the vendors' services. */
export const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  terneo: ['https://my.hmarex.com', 'https://my.terneo.ua'],
  welrok: ['https://app.welrok.com'],
}

interface Props {
  readonly account: Account
  readonly used: UsedSettings
}

/** What may be wrong is open at once, so that it can be corrected without searching. */
export function ManageAccount({ account, used }: Props) {
  const { id, state, lists_devices: lists } = account
  const task = useTask()
  const item = used.settings?.accounts.find((other) => other.id === id)
  if (!item) return null
  if (item.fixed) return <Fixed source={item.source} />
  const path = `cloud/accounts/${encodeURIComponent(id)}`
  return (
    <>
      {state === 'ready' && !lists && <ListPath account={account} used={used} />}
      <SignIn key={String(isWrong(account))} account={account} used={used} />
      <div class="row">
        <RemoveButton name={id} busy={task.busy} remove={() => task.run(() => used.change('DELETE', path))} />
      </div>
      <Outcome task={task} />
    </>
  )
}

const isWrong = ({ state }: Account): boolean => state === 'auth_failed' || state === 'unreachable'

/** The value of an account's setting as text. */
const heldOf = (used: UsedSettings, id: string, key: string): string => {
  const item = used.settings?.accounts.find((other) => other.id === id)
  return String(item?.values.find((row) => row.key === key)?.value ?? '')
}

/** User name, password and address. */
function SignIn({ account, used }: Props) {
  const { id, provider } = account
  const { texts } = usePage()
  const known = { username: heldOf(used, id, 'username'), url: heldOf(used, id, 'url') }
  const { typed, type } = useForm(known)
  const typing = { typed, type, id }
  const signIn = useSignIn(used)
  const submit = () => {
    const url = typed.url?.trim() ?? ''
    const body = {
      ...filled(typed, 'username'),
      ...(url === known.url ? {} : { url: url || null }),
      password: typed.password,
    }
    signIn.begin('PATCH', `cloud/accounts/${encodeURIComponent(id)}`, body, () => type('password', ''))
  }
  return (
    <details open={isWrong(account)}>
      <summary>{texts.say('setup.changeSignIn')}</summary>
      <SignInForm signIn={signIn} submit={submit} label={texts.say('setup.saveAndSignIn')} primary={isWrong(account)}>
        <Field {...typing} name="username" label="setup.newUsername" required plain />
        <Field {...typing} name="password" label="setup.newPassword" required secret />
        <Field
          {...typing}
          name="url"
          label="setup.newUrl"
          hint="setup.urlHint"
          suggestions={ADDRESSES[provider] ?? []}
          plain
        />
      </SignInForm>
    </details>
  )
}

/** Where the device list of the service is, without which the account brings nothing. */
function ListPath({ account: { id }, used }: Props) {
  const { texts } = usePage()
  const { typed, type } = useForm()
  const task = useTask()
  const submit = (event: Event) => {
    event.preventDefault()
    task.run(() =>
      used.change('PATCH', `cloud/accounts/${encodeURIComponent(id)}`, { devices: { path: typed.path?.trim() } }),
    )
  }
  return (
    <form onSubmit={submit}>
      <Field id={id} name="path" label="setup.listPath" typed={typed} type={type} required plain />
      <button type="submit" disabled={task.busy}>
        {texts.say('common.save')}
      </button>
      <Outcome task={task} />
    </form>
  )
}
