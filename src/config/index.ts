/** What the rest of the bridge needs of the settings. The generated documents have their own modules. */

export { describeSettings, maskedSettings, secretsOf } from './documents/describe.ts'
export { jsonSchema } from './documents/json-schema.ts'
export { settingsView } from './documents/view.ts'
export { fromSettings, MissingSetting, SettingsError } from './errors.ts'
export {
  type KeptSettings,
  type LoadedSettings,
  type LoadOptions,
  loadSettings,
  type StorePlace,
} from './loading/index.ts'
export { itemKey, type Kept, PAGE, pageKey, settingRow } from './loading/page.ts'
export type { AccountSettings } from './settings/accounts.ts'
export type { Settings } from './settings/index.ts'
export { baseTopic, clientIdAt, wirenboardPrefix } from './settings/site.ts'
