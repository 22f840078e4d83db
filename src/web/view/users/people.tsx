import { useCallback, useEffect, useState } from 'preact/hooks'
import type { MadePasswordJson, MadeUserJson, Role, UserJson } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { type Task, useTask } from '../hooks/use-task.ts'
import { FailureNotice, Status } from '../parts/notice.tsx'
import { Sure } from '../parts/sure.tsx'
import { PasswordField } from './password-field.tsx'

export const ROLES = ['look', 'control', 'administer'] as const satisfies readonly Role[]

/** A password that somebody else is to be told. */
interface Shown {
  readonly name: string
  readonly password: string
}

/** The users of the bridge: added, given a role or another password, removed. For administrators. */
export function People() {
  const { texts, client, me } = usePage()
  const [users, setUsers] = useState<readonly UserJson[]>([])
  const [shown, setShown] = useState<Shown | null>(null)
  const task = useTask()
  const look = useCallback(async () => {
    setUsers((await client.get<{ users: UserJson[] }>('/api/v1/users')).users)
  }, [client])
  useEffect(() => task.run(look), [look])
  const tell = (name: string, password: string) => {
    setShown({ name, password })
    task.run(look)
  }
  return (
    <section class="panel" aria-label={texts.say('users.title')}>
      <h2>{texts.say('users.title')}</h2>
      <ul class="list">
        {users.map((user) => (
          <Person key={user.id} user={user} changed={() => task.run(look)} tell={tell} />
        ))}
      </ul>
      <div role="status">
        {shown && (
          <div class="notice good">
            {texts.say('users.shown', { name: shown.name })} <code>{shown.password}</code>
          </div>
        )}
      </div>
      {task.failure && <FailureNotice failure={task.failure} />}
      {me.value?.via === 'ingress' ? <p>{texts.say('password.ingress')}</p> : <NewPerson tell={tell} />}
    </section>
  )
}

interface PersonProps {
  readonly user: UserJson
  readonly changed: () => void
  readonly tell: (name: string, password: string) => void
}

function Person({ user, changed, tell }: PersonProps) {
  const { texts } = usePage()
  const [open, setOpen] = useState(false)
  const { name, role, current, password_made: made, password_fixed: fixed } = user
  return (
    <li class="person">
      <span>
        {name} · {texts.say(`role.${role}`)} {current && <em>({texts.say('users.you')})</em>}
        {made && <span class="small block">{texts.say('users.waiting')}</span>}
        {fixed && <span class="small block">{texts.say('users.fixed')}</span>}
      </span>
      {!fixed && (
        <button
          type="button"
          class="quiet"
          aria-expanded={open}
          aria-label={texts.say('users.changeOf', { name })}
          onClick={() => setOpen(!open)}
        >
          {texts.say('users.change')}
        </button>
      )}
      {open && <Change user={user} changed={changed} tell={tell} close={() => setOpen(false)} />}
    </li>
  )
}

/** Another role or password, which asks for the own password; or the end of a user. */
function Change({ user, changed, tell, close }: PersonProps & { readonly close: () => void }) {
  const { texts, client, me } = usePage()
  const { id, name } = user
  const [role, setRole] = useState<Role>(user.role)
  const [password, setPassword] = useState('')
  const [sure, setSure] = useState(false)
  const task = useTask()
  const path = `/api/v1/users/${id}`
  const done = () => {
    close()
    changed()
  }
  const save = () =>
    task.run(async () => {
      await client.send('PATCH', path, { role, password })
      done()
    })
  const reset = () =>
    task.run(async () => {
      const answer = await client.send<MadePasswordJson>('POST', `${path}/password`, { password })
      close()
      tell(name, answer.new_password)
    })
  const remove = () =>
    task.run(async () => {
      await client.send('DELETE', path)
      done()
    })
  return (
    <div class="change">
      {me.value?.via === 'ingress' ? (
        <p class="small">{texts.say('password.ingress')}</p>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            save()
          }}
        >
          <RoleField role={role} set={setRole} />
          <PasswordField label="users.own" value={password} set={setPassword} />
          <div class="row">
            <button type="submit" class="primary" disabled={task.busy || role === user.role}>
              {texts.say('common.save')}
            </button>
            <button type="button" disabled={task.busy || password === ''} onClick={reset}>
              {texts.say('users.reset')}
            </button>
          </div>
        </form>
      )}
      <button type="button" class="quiet" disabled={task.busy} onClick={() => setSure(true)}>
        {texts.say('users.remove')}
      </button>
      {sure && (
        <Sure
          label={texts.say('users.remove')}
          yes={texts.say('users.remove')}
          act={() => {
            setSure(false)
            remove()
          }}
          cancel={() => setSure(false)}
        >
          {texts.say('users.removeSure', { name })}
        </Sure>
      )}
      <Outcome task={task} />
    </div>
  )
}

function NewPerson({ tell }: Pick<PersonProps, 'tell'>) {
  const { texts, client } = usePage()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('control')
  const [password, setPassword] = useState('')
  const task = useTask()
  const add = () =>
    task.run(async () => {
      const made = await client.send<MadeUserJson>('POST', '/api/v1/users', { name: name.trim(), role, password })
      setName('')
      setPassword('')
      tell(made.name, made.new_password)
    })
  return (
    <details>
      <summary>{texts.say('users.add')}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          add()
        }}
      >
        <label>
          {texts.say('users.name')}
          <input
            value={name}
            maxLength={64}
            autocomplete="off"
            autocapitalize="none"
            aria-describedby="user-name-hint"
            onInput={(event) => setName(event.currentTarget.value)}
            required
          />
        </label>
        <p id="user-name-hint" class="small">
          {texts.say('users.rule')}
        </p>
        <RoleField role={role} set={setRole} />
        <PasswordField label="users.own" value={password} set={setPassword} />
        <button type="submit" class="primary" disabled={task.busy}>
          {texts.say('users.make')}
        </button>
      </form>
      <Outcome task={task} />
    </details>
  )
}

export function RoleField({ role, set }: { role: Role; set: (role: Role) => void }) {
  const { texts } = usePage()
  return (
    <label>
      {texts.say('role.title')}
      <select
        value={role}
        onChange={({ currentTarget: { value } }) => set(ROLES.find((each) => each === value) ?? role)}
      >
        {ROLES.map((each) => (
          <option key={each} value={each}>
            {texts.say(`role.${each}`)}: {texts.say(`role.about.${each}`)}
          </option>
        ))}
      </select>
    </label>
  )
}

function Outcome({ task }: { task: Task }) {
  const { texts } = usePage()
  return (
    <>
      <Status>{task.busy ? texts.say('common.loading') : ''}</Status>
      {task.failure && <FailureNotice failure={task.failure} />}
    </>
  )
}
