// How many random cases a property is tried with: as many as it names, and 10,000 in `npm run test:long`.

export const isLong = Boolean(process.env.UNSHARED_LONG)

export const runs = (cases: number) => (isLong ? 10_000 : cases)
