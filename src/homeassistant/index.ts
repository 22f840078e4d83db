export { HomeAssistant, type HomeAssistantOptions } from './manager.ts'
