// What the reader chose, kept where the browser allows it.

export function chosen(name: string): string | null {
  try {
    return localStorage.getItem(`unshared-docs-${name}`)
  } catch {
    return null
  }
}

export function choose(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`unshared-docs-${name}`)
    else localStorage.setItem(`unshared-docs-${name}`, value)
  } catch {
    // a browser without storage: the choice holds for this page
  }
}
