/** The page of the bridge itself: its state, users, backups, diagnostics. */

import { useState } from 'preact/hooks'
import { AllEvents } from '../device/events.tsx'
import { usePage } from '../hooks/context.ts'
import { useLook } from '../hooks/use-look.ts'
import { HouseSchedules } from '../house/house-schedules.tsx'
import { LogLink } from '../log/index.tsx'
import { LookControls } from '../parts/look-controls.tsx'
import { PageTitle } from '../parts/page-title.tsx'
import { Only } from '../parts/rights.tsx'
import { SettingsLink } from '../settings/settings.tsx'
import { ApiTokens } from '../users/api-tokens.tsx'
import { Audit } from '../users/audit.tsx'
import { Password } from '../users/password.tsx'
import { People } from '../users/people.tsx'
import { SecondFactor } from '../users/second-factor.tsx'
import { Sessions } from '../users/sessions.tsx'
import { Backup, Restore } from './backup.tsx'
import { BridgeState } from './bridge-state.tsx'
import { Diagnostics } from './diagnostics.tsx'
import { Messages } from './messages.tsx'

export function System() {
  const { texts } = usePage()
  const look = useLook()
  /** Counts sign-outs of others: the list of sessions is then requested again. */
  const [ended, setEnded] = useState(0)
  return (
    <>
      <PageTitle>{texts.say('system.title')}</PageTitle>
      <div class="columns">
        <div>
          <BridgeState {...look} />
          <Only scope="admin">
            <SettingsLink />
          </Only>
          <section class="panel" aria-label={texts.say('system.look')}>
            <h2>{texts.say('system.look')}</h2>
            <LookControls />
          </section>
          <HouseSchedules />
          <Only scope="admin">
            <Messages info={look.info} />
            <Backups />
            <LogLink />
            <Diagnostics />
          </Only>
        </div>
        <div>
          <Password changed={() => setEnded((count) => count + 1)} />
          <SecondFactor />
          <Sessions key={ended} />
          <Only scope="admin">
            <People />
            <ApiTokens />
          </Only>
          <AllEvents />
          <Only scope="admin">
            <Audit />
          </Only>
        </div>
      </div>
    </>
  )
}

/** Both ask for the password again, which users from Home Assistant do not have. */
function Backups() {
  const { texts, me } = usePage()
  if (me.value?.via !== 'ingress') {
    return (
      <>
        <Backup />
        <Restore />
      </>
    )
  }
  return (
    <section class="panel" aria-label={texts.say('backup.title')}>
      <h2>{texts.say('backup.title')}</h2>
      <p>{texts.say('password.ingress')}</p>
    </section>
  )
}
