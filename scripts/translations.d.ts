export const translations: readonly { readonly language: string; readonly source: string; readonly file: string }[]
export function hashOf(text: string): string
export function isCurrent(translation: string, source: string, text: string): boolean
export function blocksOf(text: string): string[]
export function renewed(translation: string, source: string, text: string): string
