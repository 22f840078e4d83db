import { runFolder } from './folder.ts'

await runFolder('commands')
