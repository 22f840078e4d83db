/** Every setting with its source; those not fixed elsewhere can be changed. */

import { useState } from 'preact/hooks'
import type { Setting, SettingsItem } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { Fixed, NotYet, Outcome, RemoveButton, useSource } from '../parts/fields.tsx'
import { FailureNotice } from '../parts/notice.tsx'
import { PageTitle } from '../parts/page-title.tsx'
import { SettingControl } from './settings-control.tsx'
import { type UsedSettings, useSettings } from './use-settings.ts'

/** On the system page: the way to the settings. */
export function SettingsLink() {
  const { texts } = usePage()
  return (
    <section class="panel" aria-label={texts.say('settings.title')}>
      <h2>{texts.say('settings.title')}</h2>
      <p>
        <a href="#/settings">{texts.say('settings.open')}</a>
      </p>
      <p>
        <a href="#/setup/account">{texts.say('setup.begin')}</a>
      </p>
    </section>
  )
}

export function SettingsPage() {
  const { texts } = usePage()
  const used = useSettings()
  const { settings } = used
  if (!settings) return <NotYet failure={used.failure} />
  const { failed } = settings
  return (
    <div class="narrow">
      <PageTitle>{texts.say('settings.title')}</PageTitle>
      <p>{texts.say('settings.why')}</p>
      {failed && (
        <div class="notice bad">
          {texts.say('settings.failed')}
          <p class="small">
            {texts.time(failed.at)}: {failed.message}
          </p>
        </div>
      )}
      {settings.left_out.map(({ key, message }) => (
        <LeftOut key={key} name={key} message={message} used={used} />
      ))}
      {[...groupsOf(settings.settings)].map(([name, rows]) => (
        <Group key={name} name={name} rows={rows} used={used} />
      ))}
      <Items title={texts.say('group.accounts')} items={settings.accounts} path="cloud/accounts" used={used} />
      <Items title={texts.say('group.devices')} items={settings.devices} path="settings/devices" used={used} />
    </div>
  )
}

/** The REST path of an account or device set here, from its key `cloud.accounts[home]`. */
function placeOf(key: string): string | undefined {
  const [, list, id] = /^(cloud\.accounts|devices)\[([^\]]+)\]$/.exec(key) ?? []
  if (list === undefined || id === undefined) return undefined
  return `${list === 'devices' ? 'settings/devices' : 'cloud/accounts'}/${encodeURIComponent(id)}`
}

/** A setting made here that is not in force: why, and how to remove it. */
function LeftOut({ name, message, used }: { name: string; message: string; used: UsedSettings }) {
  const { texts } = usePage()
  const task = useTask()
  const place = placeOf(name)
  const remove = () =>
    task.run(() => (place ? used.change('DELETE', place) : used.change('PATCH', 'settings', { [name]: null })))
  return (
    <div class="notice warn">
      {texts.say('settings.leftOut')} <code>{name}</code>
      <p class="small">{message}</p>
      <RemoveButton name={name} busy={task.busy} remove={remove} />
      {task.failure && <FailureNotice failure={task.failure} />}
    </div>
  )
}

/** By the first part of their keys, in the order of the schema. */
function groupsOf(settings: readonly Setting[]): ReadonlyMap<string, readonly Setting[]> {
  const groups = new Map<string, Setting[]>()
  for (const setting of settings) {
    const [first = '', rest] = setting.key.split('.')
    const name = rest === undefined ? 'general' : first
    groups.set(name, [...(groups.get(name) ?? []), setting])
  }
  return groups
}

interface GroupProps {
  readonly name: string
  readonly rows: readonly Setting[]
  readonly used: UsedSettings
}

function Group({ name, rows, used }: GroupProps) {
  const { texts } = usePage()
  const title = texts.lookUp('group', name)
  return (
    <details class="panel">
      <summary>
        <h2>{title}</h2>
      </summary>
      <Rows rows={rows} save={(changes) => used.change('PATCH', 'settings', changes)} />
    </details>
  )
}

interface RowsProps {
  readonly rows: readonly Setting[]
  readonly save: (changes: Readonly<Record<string, unknown>>) => Promise<void>
}

/** Settings that are saved together, since some depend on each other. */
function Rows({ rows, save }: RowsProps) {
  const { texts } = usePage()
  const [changes, setChanges] = useState<Readonly<Record<string, unknown>>>({})
  const task = useTask()
  const count = Object.keys(changes).length
  const change = (key: string, value: unknown) => {
    task.reset()
    setChanges(({ [key]: _before, ...others }) => (value === undefined ? others : { ...others, [key]: value }))
  }
  const submit = (event: Event) => {
    event.preventDefault()
    task.run(async () => {
      await save(changes)
      setChanges({})
    })
  }
  return (
    <form onSubmit={submit}>
      {rows.map((row) => (
        <Row key={row.key} row={row} change={changes[row.key]} set={(value) => change(row.key, value)} />
      ))}
      {rows.some(({ settable }) => settable) && (
        <div class="row">
          <button type="submit" class="primary" disabled={task.busy || count === 0}>
            {texts.say('common.save')}
          </button>
          <button type="button" disabled={task.busy || count === 0} onClick={() => setChanges({})}>
            {texts.say('common.undo')}
          </button>
          <span class="small" role="status">
            {count > 0 ? texts.say('settings.changes', { count }) : ''}
          </span>
        </div>
      )}
      <Outcome task={task} />
    </form>
  )
}

interface RowProps {
  readonly row: Setting
  /** The new value; undefined if unchanged. */
  readonly change: unknown
  readonly set: (value: unknown) => void
}

function Row({ row, change, set }: RowProps) {
  const { texts } = usePage()
  const { key, doc, source, fixed, settable } = row
  const said = useSource()
  const name = texts.lookUp('setting', key)
  const from = texts.say('settings.source', { source: said(source) })
  const id = `setting-${key}`
  return (
    <div class="setting">
      <label for={settable ? id : undefined}>{name === key ? <code>{key}</code> : name}</label>
      {settable ? <SettingControl id={id} row={row} change={change} set={set} /> : <Shown row={row} />}
      <p class="small" lang="en" id={`${id}-doc`}>
        {name !== key && <code>{key}</code>} {doc}
      </p>
      {fixed ? <Fixed source={source} /> : <p class="small">{from}</p>}
      {settable && source === 'page' && change !== null && (
        <button
          type="button"
          class="quiet"
          aria-label={texts.say('settings.takeBackNamed', { name })}
          onClick={() => set(null)}
        >
          {texts.say('settings.takeBack')}
        </button>
      )}
    </div>
  )
}

function Shown({ row }: { row: Setting }) {
  const { texts } = usePage()
  if (row.secret && row.set) return <span>{texts.say('settings.secretSet')}</span>
  if (!row.set) return <span>{row.unset ?? texts.say('settings.notSet')}</span>
  if (typeof row.value === 'boolean') return <span>{texts.say(row.value ? 'settings.yes' : 'settings.no')}</span>
  return <span class="break">{Array.isArray(row.value) ? row.value.join(', ') : String(row.value)}</span>
}

interface ItemsProps {
  readonly title: string
  readonly items: readonly SettingsItem[]
  readonly path: string
  readonly used: UsedSettings
}

function Items({ title, items, path, used }: ItemsProps) {
  if (items.length === 0) return null
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {items.map((item) => (
        <Item key={item.id} item={item} path={path} used={used} />
      ))}
    </section>
  )
}

function Item({ item, path, used }: { item: SettingsItem; path: string; used: UsedSettings }) {
  const removal = useTask()
  const place = `${path}/${encodeURIComponent(item.id)}`
  const named = item.values.find(({ key }) => key === 'name')?.value
  const name = typeof named === 'string' ? named : item.id
  return (
    <details class="panel">
      <summary>
        <h3>{name}</h3>
      </summary>
      {item.fixed && <Fixed source={item.source} />}
      <Rows
        rows={item.values.map((row) => ({ ...row, fixed: false }))}
        save={(changes) => used.change('PATCH', place, nested(changes))}
      />
      {!item.fixed && (
        <RemoveButton name={name} busy={removal.busy} remove={() => removal.run(() => used.change('DELETE', place))} />
      )}
      <Outcome task={removal} />
    </details>
  )
}

/** `{"devices.path": …}` as `{"devices": {"path": …}}`, as a file has it. */
function nested(changes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const all: Record<string, unknown> = {}
  const inside: Record<string, Record<string, unknown>> = {}
  for (const [key, value] of Object.entries(changes)) {
    const [section = '', name] = key.split('.')
    if (name === undefined) all[key] = value
    else inside[section] = { ...inside[section], [name]: value }
  }
  return { ...all, ...inside }
}
