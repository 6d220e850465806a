// Where a training stands, and all that going on from there takes.
export {}
