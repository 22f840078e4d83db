/** What the rest of the bridge uses of the settings. The generated documents have modules of their own. */
export { type AccountSettings, type DeviceSettings, PROVIDERS, type ProviderName } from './accounts.ts'
export { describeSettings, maskedSettings, secretsOf } from './describe.ts'
export { MissingSetting, SettingsError } from './errors.ts'
export { jsonSchema } from './json-schema.ts'
export {
  flagNames,
  type KeptSettings,
  type LoadedSettings,
  type LoadOptions,
  loadSettings,
  type StorePlace,
} from './loader.ts'
export { itemKey, type Kept, PAGE, pageKey, settingRow } from './page.ts'
export type { Settings } from './schema.ts'
export { baseTopic, clientIdAt, wirenboardPrefix } from './site.ts'
export { type ItemView, type SettingsView, type SettingView, settingsView } from './view.ts'
