import { installPackages } from '../install-packages.js'

installPackages('scripts/site', 'the packages that build the site')
