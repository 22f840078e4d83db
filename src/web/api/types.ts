/** What REST accepts and returns: the types of the schemas with which the server validates and documents. */
import type { Static } from 'typebox'
import type { ApiSchemas } from '../../api/schemas/index.ts'
import type { UserJson } from '../../api/schemas/users/users.ts'

export type { LogJson, LogLineJson, RecordingJson } from '../../api/schemas/bridge/log.ts'
export type {
  EventPage,
  HeldKeyJson,
  LoggedEventJson,
  RestoredJson,
  UploadJson,
} from '../../api/schemas/housekeeping.ts'
export type { BridgeInfoJson } from '../../api/schemas/info.ts'
export type {
  AccountAnswer,
  BrokerTestJson as BrokerTest,
  DeviceTestJson as DeviceTest,
  SettingJson as Setting,
  SettingsItemJson as SettingsItem,
  SettingsJson as Settings,
} from '../../api/schemas/settings.ts'
export type {
  ApiTokenJson,
  AuditEntryJson,
  LoginAnswer,
  Me,
  NewApiTokenAnswer,
  RefreshAnswer,
  SessionJson,
  TotpActivateAnswer,
  TotpSetupAnswer,
  VerifyAnswer,
  WaysIn,
} from '../../api/schemas/users/sign-in.ts'
export type { MadePasswordJson, MadeUserJson, UserJson } from '../../api/schemas/users/users.ts'

/** What a user may do. */
export type Role = UserJson['role']
export type Device = Static<ApiSchemas['device']>
export type WholeHouse = Static<ApiSchemas['wholeHouse']>
/** The house as it is told when it changes: without what came of it for each device. */
export type House = Static<ApiSchemas['house']>
export type Problem = House['problems'][number]
export type Room = House['rooms'][number]
export type HouseMode = House['mode']
export type Outcome = WholeHouse['devices'][number]
export type Account = Static<ApiSchemas['account']>
export type CommandResult = Static<ApiSchemas['result']>
export type SchedulesApplied = Static<ApiSchemas['schedulesApplied']>
export type Schedule = Static<ApiSchemas['schedule']>
export type HistoryAnswer = Static<ApiSchemas['history']>
export type Energy = Static<ApiSchemas['energy']>
export type HouseHistory = Static<ApiSchemas['houseHistory']>
export type HistorySample = HistoryAnswer['samples'][number]
export type Model = Static<ApiSchemas['catalog']>['models'][number]
export type Datapoint = Model['datapoints'][number]
export type State = Device['state']
export type Value = State[string]
export type Readiness = Static<ApiSchemas['readiness']>
export type MessageTests = Static<ApiSchemas['messageTests']>
export type { Day, ScheduleKind, SchedulePeriod, ScheduleWeek } from '../../devices/schedule/types.ts'
