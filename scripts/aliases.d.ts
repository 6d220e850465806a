/** The library's names, and the files that they stand for. */
export declare const aliases: Record<string, string>
