// The part of jstat that is used; the package has no types.

declare module 'jstat' {
  interface StudentT {
    cdf(t: number, degreesOfFreedom: number): number
    inv(p: number, degreesOfFreedom: number): number
  }
  const jstat: { readonly jStat: { readonly studentt: StudentT } }
  export default jstat
}
