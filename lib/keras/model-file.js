// What every kind of model file comes down to: a config, and named arrays whose numbers are read when they are wanted.
/** How many numbers are read at once. */
export const mostAtOnce = 2 ** 18
