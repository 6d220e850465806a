type Language = 'en' | 'zh-CN' | 'zh-TW'
interface ListedPage {
  readonly id: string
  readonly title: Record<Language, string>
  readonly about: Record<Language, string>
}
export const sections: readonly { readonly title: Record<Language, string>; readonly pages: readonly ListedPage[] }[]
export const words: Record<Language, Record<'run' | 'stop' | 'reset' | 'edit', string>>
