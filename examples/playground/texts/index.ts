// All texts, by language.

import { en } from './en.ts'
import { zh } from './zh.ts'
import { zhTW } from './zh-tw.ts'

export const texts = { en, zh, 'zh-TW': zhTW }
