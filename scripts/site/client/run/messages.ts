// What passes between a page, the frame in it, and the worker in that.

/** From the page: run these blocks, one after the other, as one program. */
export interface Task {
  readonly blocks: readonly string[]
}

/** From the worker. `block` is the one that was being run. */
export type Report =
  | { readonly kind: 'print'; readonly block: number; readonly text: string }
  | { readonly kind: 'error'; readonly block: number; readonly text: string }
  | { readonly kind: 'done' }
