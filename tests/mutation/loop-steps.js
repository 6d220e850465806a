// The step of a loop, i++, is not mutated: with i-- nearly every loop is endless, which no test has to notice, and which
// takes five seconds to be sure of, each time. Counting elsewhere is.
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'

function shouldIgnore(path) {
  if (!path.isUpdateExpression()) return undefined
  const step = path.parentPath.isSequenceExpression() ? path.parentPath : path
  const isStep = step.key === 'update' && step.parentPath.isForStatement()
  return isStep ? 'the step of a loop' : undefined
}

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'loop-steps', { shouldIgnore })]
