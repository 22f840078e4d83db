import { runFolder } from './folder.ts'

await runFolder('web', { part: 4, of: 4 })
