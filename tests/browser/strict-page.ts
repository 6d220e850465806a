// Pages under a strict content security policy.

import { createHash } from 'node:crypto'

/**
 * A page whose only script is allowed by its hash.
 * @param allowed what the policy allows beside it, such as `'wasm-unsafe-eval'`, and further directives
 */
export function pageOf(code: string, allowed: string, body = '', type = 'text/javascript'): string {
  const script = code.replaceAll('</script', '<\\/script')
  const hash = createHash('sha256').update(script).digest('base64')
  const policy = `default-src 'none'; script-src 'sha256-${hash}' ${allowed}`
  return `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">${body}<script type="${type}">${script}</script>`
}
