// One table of classes per kind (initializers, losses …) and the one function that turns an identifier into an object.
import { ArgumentError } from './errors.ts'
import { toCamelCase, toSnakeCase } from './names.ts'
/**
 * @param kind what is registered, for messages: 'initializer'
 * @param classes class name → constructor call
 * @param aliases Keras' snake_case names → a class name, or a constructor call where the defaults differ
 * @param isObject recognises an object of this kind
 */
export function registry(kind, classes, aliases, isObject) {
  const names = [...Object.keys(classes), ...Object.keys(aliases)].sort()
  function create(name, config, argument) {
    const inSnakeCase = /^[a-z]/.test(name) ? toSnakeCase(name) : name
    for (const key of [name, inSnakeCase]) {
      if (Object.hasOwn(classes, key)) return classes[key](config)
      if (!Object.hasOwn(aliases, key)) continue
      const target = aliases[key]
      return typeof target === 'string' ? classes[target](config) : target()
    }
    throw new ArgumentError(argument, name, `one of ${names.join(', ')}`)
  }
  function get(identifier, argument = kind) {
    if (typeof identifier === 'string') return create(identifier, {}, argument)
    if (typeof identifier === 'object' && identifier !== null) {
      if (isObject(identifier)) return identifier
      const { className, class_name = className, config = {} } = identifier
      if (typeof class_name === 'string') return create(class_name, camelCaseKeys(config), argument)
    }
    throw new ArgumentError(argument, identifier, `a name, { className, config }, or an object of this kind`)
  }
  return {
    names,
    has: className => Object.hasOwn(classes, className),
    get,
    getOptional: (identifier, argument) =>
      identifier === null || identifier === undefined ? null : get(identifier, argument),
    serialize: object => ({ className: object.className, config: object.getConfig() }),
    register(className, makeOne) {
      if (Object.hasOwn(classes, className) || Object.hasOwn(aliases, className))
        throw new ArgumentError(`${kind} to register`, className, 'a name that is not taken')
      classes[className] = makeOne
      names.push(className)
      names.sort()
    },
  }
}
const camelCaseKeys = config =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [toCamelCase(key), value]))
