/** Home Assistant: what is announced, when it is sent, what is removed. */
export { HomeAssistant, type HomeAssistantOptions } from './manager.ts'
