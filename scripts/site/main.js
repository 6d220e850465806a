// `npm run docs`: builds the site in docs/site/; `-- --serve` also shows it.
import './install.js'

await import('./build.js') // its packages are there now
