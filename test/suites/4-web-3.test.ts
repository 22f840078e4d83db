import { runFolder } from './folder.ts'

await runFolder('web', { part: 3, of: 4 })
