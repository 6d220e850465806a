// How many random cases a property is tried with: as many as it names; in `npm run test:long` 10,000, or a hundred times
// as many where it names fewer than 100 because each takes long.

export const isLong = Boolean(process.env.UNSHARED_LONG)

export const runs = (cases: number) => (isLong ? Math.min(10_000, 100 * cases) : cases)
